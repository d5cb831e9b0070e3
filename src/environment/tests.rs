//! Looking values up and telling where they come from. The rules of merging have their cases in `tests/cases/merge`.

use crate::disk::Memory;
use crate::finding::Findings;
use crate::limits::Limits;
use crate::project::Project;
use crate::source::Sources;

use super::load::{Environment, Loader};
use super::shape::Anything;

fn prod(sources: &Sources) -> Environment {
    let disk = Memory::default()
        .file("platc.yaml", "")
        .file("environments/base/all.yaml", "pools: [{name: a, size: 1}]\nzones: 1\nlabels: {a.b/c: x}\n")
        .file("environments/eu/all.yaml", "extends: [../base]\nzones: 2\n")
        .file("environments/prod.yaml", "extends: [eu]\nzones: 3\n");
    let (limits, mut findings) = (Limits::default(), Findings::default());
    let project = Project::load(&disk, sources, &limits, &mut findings).unwrap();
    let entry = project.find("prod", "".into()).unwrap();
    let environment = Loader::new(Anything, &disk, sources, &limits).load(entry, None, &mut findings).unwrap();
    assert!(findings.is_empty());
    environment
}

#[test]
fn values_are_found_by_path() {
    let sources = Sources::default();
    let root = prod(&sources).root;
    let text_at = |path: &str| root.at(&path.parse().unwrap()).map(|tree| sources.slice(tree.origin.value));
    assert_eq!(text_at("zones").as_deref(), Some("3"));
    assert_eq!(text_at("pools[0].size").as_deref(), Some("1"));
    assert_eq!(text_at("pools[name=a].size").as_deref(), Some("1"));
    assert_eq!(text_at("pools[size=1,name=a].name").as_deref(), Some("a"));
    assert_eq!(text_at("labels.\"a.b/c\"").as_deref(), Some("x"));
    for path in ["zone", "zones.a", "zones[0]", "pools[1]", "pools[name=b]", "pools.a", "labels.a"] {
        assert_eq!(text_at(path), None, "{path}");
    }
}

#[test]
fn a_value_tells_who_set_it() {
    let sources = Sources::default();
    let environment = prod(&sources);
    let zones = environment.root.get("zones").unwrap();
    assert_eq!(
        zones.describe(&sources),
        [
            "environments/prod.yaml:2:8 sets it",
            "environments/eu/all.yaml:2:8 set it before",
            "environments/base/all.yaml:2:8 set it first",
        ]
    );
    assert_eq!(sources.locate(zones.first_set().value), "environments/base/all.yaml:2:8");
    let labels = environment.root.get("labels").unwrap();
    assert_eq!(labels.describe(&sources), ["environments/base/all.yaml:3:9 sets it"]);
    assert_eq!(sources.slice(labels.origin.mark(labels.kind())), "labels");
    let layers: Vec<_> = environment.layers.iter().map(|layer| layer.path.as_str()).collect();
    assert_eq!(layers, ["environments/base", "environments/eu", "environments/prod.yaml"]);
}
