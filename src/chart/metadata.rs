//! `Chart.yaml`: what a chart is called, and which charts it brings along.

use std::sync::Arc;

use super::tree::{Node, Number, Tree};
use super::version::Version;
use super::yaml::short_float;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    pub name: Arc<str>,
    pub version: String,
    pub api_version: String,
    pub app_version: String,
    pub kube_version: String,
    /// `application`, `library`, or nothing.
    pub kind: String,
    pub description: String,
    pub home: String,
    pub icon: String,
    pub condition: String,
    pub tags: String,
    pub deprecated: bool,
    pub sources: Vec<String>,
    pub keywords: Vec<String>,
    pub maintainers: Vec<Maintainer>,
    /// In the order in which they stand there.
    pub annotations: Vec<(Arc<str>, String)>,
    pub dependencies: Vec<Dependency>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Maintainer {
    pub name: String,
    pub email: String,
    pub url: String,
}

/// A chart that another one brings along.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dependency {
    pub name: Arc<str>,
    pub version: String,
    pub repository: String,
    pub condition: String,
    pub tags: Vec<String>,
    pub alias: Option<Arc<str>>,
    pub imports: Vec<Import>,
}

/// What of a chart's values becomes a value of the chart above.
#[derive(Clone, Debug, PartialEq)]
pub enum Import {
    /// Everything below `exports.NAME`.
    Exported(String),
    /// A map of the one, put at a path of the other.
    Mapped { child: String, parent: String },
}

/// What is wrong with a chart's own description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    pub at: u32,
    pub why: String,
}

impl Metadata {
    /// What a `Chart.yaml` says, judged as Helm judges it.
    pub fn read(tree: &Tree) -> Result<Self, Wrong> {
        if !matches!(tree.node, Node::Map(_)) {
            return Err(Wrong { at: tree.at, why: "it is no map".to_owned() });
        }
        let text = |key: &str| text_at(tree, key);
        let texts = |key: &str| texts_at(tree, key);
        let api_version = text("apiVersion")?;
        let metadata = Self {
            name: text("name")?.into(),
            version: text("version")?,
            api_version: if api_version.is_empty() { "v1".to_owned() } else { api_version },
            app_version: text("appVersion")?,
            kube_version: text("kubeVersion")?,
            kind: text("type")?,
            description: text("description")?,
            home: text("home")?,
            icon: text("icon")?,
            condition: text("condition")?,
            tags: text("tags")?,
            deprecated: match tree.get("deprecated").map(|it| (it.at, &it.node)) {
                None | Some((_, Node::Null)) => false,
                Some((_, Node::Bool(it))) => *it,
                Some((at, _)) => return Err(Wrong { at, why: "`deprecated` is no boolean".to_owned() }),
            },
            sources: texts("sources")?,
            keywords: texts("keywords")?,
            maintainers: list_at(tree, "maintainers")?.iter().map(Maintainer::read).collect::<Result<_, _>>()?,
            annotations: annotations(tree)?,
            dependencies: dependencies(tree)?,
        };
        metadata.judge(tree)?;
        Ok(metadata)
    }

    fn judge(&self, tree: &Tree) -> Result<(), Wrong> {
        let wrong = |key: &str, why: &str| {
            let at = tree.get(key).map_or(tree.at, |value| value.at);
            Err(Wrong { at, why: format!("its `{key}` {why}") })
        };
        if self.name.is_empty() {
            return wrong("name", "is missing");
        }
        if self.name.contains('/') || matches!(&*self.name, "." | "..") {
            return wrong("name", "cannot be a folder's");
        }
        if self.version.is_empty() {
            return wrong("version", "is missing");
        }
        if Version::parse(&self.version).is_none() {
            return wrong("version", "is no version such as `1.2.3`");
        }
        if !matches!(&*self.kind, "" | "application" | "library") {
            return wrong("type", "is neither `application` nor `library`");
        }
        Ok(())
    }

    /// Whether it only holds what other charts include.
    pub fn is_library(&self) -> bool {
        self.kind == "library"
    }
}

impl Maintainer {
    fn read(tree: &Tree) -> Result<Self, Wrong> {
        if tree.is_null() {
            return Err(Wrong { at: tree.at, why: "`maintainers` has an empty item".to_owned() });
        }
        Ok(Self { name: text_at(tree, "name")?, email: text_at(tree, "email")?, url: text_at(tree, "url")? })
    }
}

/// The charts that a `Chart.yaml` or a `requirements.yaml` names.
pub fn dependencies(tree: &Tree) -> Result<Vec<Dependency>, Wrong> {
    let mut found: Vec<Dependency> = Vec::new();
    for item in list_at(tree, "dependencies")? {
        let dependency = Dependency::read(item)?;
        if found.iter().any(|other| other.key() == dependency.key()) {
            let why = format!("two dependencies are called `{}`", dependency.key());
            return Err(Wrong { at: item.at, why });
        }
        found.push(dependency);
    }
    Ok(found)
}

impl Dependency {
    fn read(tree: &Tree) -> Result<Self, Wrong> {
        if tree.is_null() {
            return Err(Wrong { at: tree.at, why: "`dependencies` has an empty item".to_owned() });
        }
        let alias = text_at(tree, "alias")?;
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
        if !alias.chars().all(is_plain) {
            return Err(Wrong { at: tree.at, why: format!("the alias `{alias}` has other characters than a key may") });
        }
        Ok(Self {
            name: text_at(tree, "name")?.into(),
            version: text_at(tree, "version")?,
            repository: text_at(tree, "repository")?,
            condition: text_at(tree, "condition")?,
            tags: texts_at(tree, "tags")?,
            alias: if alias.is_empty() { None } else { Some(alias.into()) },
            imports: list_at(tree, "import-values")?.iter().filter_map(Import::read).collect(),
        })
    }

    /// The key of its values.
    pub fn key(&self) -> &Arc<str> {
        self.alias.as_ref().unwrap_or(&self.name)
    }
}

impl Import {
    fn read(tree: &Tree) -> Option<Self> {
        let part = |key: &str| tree.get(key).map_or_else(|| "<nil>".to_owned(), printed);
        match &tree.node {
            Node::Text(name) => Some(Self::Exported(name.to_string())),
            Node::Map(_) => Some(Self::Mapped { child: part("child"), parent: part("parent") }),
            _ => None,
        }
    }
}

fn annotations(tree: &Tree) -> Result<Vec<(Arc<str>, String)>, Wrong> {
    let Some(map) = tree.get("annotations").filter(|it| !it.is_null()) else { return Ok(Vec::new()) };
    let entries = map.entries().iter();
    entries.map(|entry| Ok((Arc::clone(&entry.key), text_of(&entry.value, "annotations")?))).collect()
}

fn list_at<'t>(tree: &'t Tree, key: &str) -> Result<&'t [Tree], Wrong> {
    match tree.get(key) {
        Some(Tree { node: Node::List(items), .. }) => Ok(items),
        None | Some(Tree { node: Node::Null, .. }) => Ok(&[]),
        Some(other) => Err(Wrong { at: other.at, why: format!("`{key}` is no list") }),
    }
}

fn texts_at(tree: &Tree, key: &str) -> Result<Vec<String>, Wrong> {
    list_at(tree, key)?.iter().map(|item| text_of(item, key)).collect()
}

fn text_at(tree: &Tree, key: &str) -> Result<String, Wrong> {
    tree.get(key).map_or_else(|| Ok(String::new()), |value| text_of(value, key))
}

/// A text, or what stands for one: Helm writes numbers and booleans as texts there.
fn text_of(value: &Tree, key: &str) -> Result<String, Wrong> {
    match &value.node {
        Node::Null => Ok(String::new()),
        Node::List(_) | Node::Map(_) => Err(Wrong { at: value.at, why: format!("`{key}` is no text") }),
        _ => Ok(clean(&printed(value))),
    }
}

fn printed(value: &Tree) -> String {
    match &value.node {
        Node::Text(text) => text.to_string(),
        Node::Bool(it) => it.to_string(),
        Node::Number(Number::Int(number)) => number.to_string(),
        Node::Number(Number::UInt(number)) => number.to_string(),
        Node::Number(Number::Float(number)) => short_float(*number),
        Node::Null | Node::List(_) | Node::Map(_) => "<nil>".to_owned(),
    }
}

/// Without what cannot be printed; every blank is a space.
fn clean(text: &str) -> String {
    let letter = |letter: char| match letter {
        _ if letter.is_whitespace() => Some(' '),
        _ if letter.is_control() => None,
        _ => Some(letter),
    };
    text.chars().filter_map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::tree::{Bounds, read};

    fn of(text: &str) -> Result<Metadata, String> {
        let tree = read(text, Bounds::default()).unwrap().tree;
        Metadata::read(&tree).map_err(|wrong| wrong.why)
    }

    #[test]
    fn numbers_stand_for_texts() {
        let metadata = of("apiVersion: v2\nname: web\nversion: 1.2.3\nappVersion: 1.10\nkeywords: [a, 2]\n").unwrap();
        assert_eq!((&*metadata.name, &*metadata.app_version), ("web", "1.1"));
        assert_eq!(metadata.keywords, ["a", "2"]);
        assert_eq!(of("name: a\nversion: 1\n").unwrap().api_version, "v1");
    }

    #[test]
    fn dependencies_are_told_apart_by_their_keys() {
        let head = "name: a\nversion: 1.0.0\ndependencies:\n";
        let two = of(&format!(
            "{head}- {{name: db, version: ^1, alias: one, import-values: [data, {{child: a.b, parent: c}}]}}\n- {{name: db, version: 1.x}}\n"
        ));
        let two = two.unwrap().dependencies;
        assert_eq!(two.iter().map(|it| &**it.key()).collect::<Vec<_>>(), ["one", "db"]);
        let mapped = Import::Mapped { child: "a.b".into(), parent: "c".into() };
        assert_eq!(two[0].imports, [Import::Exported("data".into()), mapped]);
        assert_eq!(of(&format!("{head}- name: db\n- name: db\n")).unwrap_err(), "two dependencies are called `db`");
        assert_eq!(
            of(&format!("{head}- {{name: db, alias: a.b}}\n")).unwrap_err(),
            "the alias `a.b` has other characters than a key may"
        );
    }

    #[test]
    fn what_helm_refuses_is_told() {
        for (text, why) in [
            ("[]", "it is no map"),
            ("name: a\n", "its `version` is missing"),
            ("version: 1.0.0\n", "its `name` is missing"),
            ("name: a/b\nversion: 1.0.0\n", "its `name` cannot be a folder's"),
            ("name: a\nversion: latest\n", "its `version` is no version such as `1.2.3`"),
            ("name: a\nversion: 1.0.0\ntype: other\n", "its `type` is neither `application` nor `library`"),
            ("name: a\nversion: 1.0.0\nkeywords: a\n", "`keywords` is no list"),
        ] {
            assert_eq!(of(text).unwrap_err(), why, "{text}");
        }
    }
}
