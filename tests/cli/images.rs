//! `platc images`: which images there are, what is known of their names, and the lines that set them.

use serde_json::Value;

use crate::judges;
use crate::support::{Project, Ran};

/// A project with one template for each file.
fn project(values: &str, files: &[(&str, &str)]) -> Project {
    let schema = "type: object\nproperties:\n  image: {type: object}\n  password: {type: string}\n";
    let mut project = Project::empty()
        .file("platc.yaml", "")
        .file("environments/prod/environment.yaml", values)
        .file("schemas/environment.schema.yaml", schema);
    for (path, text) in files {
        project = project.file(&format!("templates/{path}.j2"), text);
    }
    project
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran}"))
}

/// Each image in one line: its four parts, then what of them is the chart's, then what is implied.
fn images(project: &Project) -> Vec<String> {
    let ran = project.run(&["images", "prod", "--format", "json"]);
    assert_eq!(ran.code, 0, "{ran}");
    let document = json(&ran);
    let errors = judges::errors(&judges::json(), &document);
    assert!(errors.is_empty(), "{errors:#?}\n{document:#}");
    let words =
        |value: &Value| value.as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect::<Vec<_>>().join("+");
    let one = |image: &Value| {
        let parts =
            ["registry", "repository", "tag", "digest"].map(|part| image[part].as_str().unwrap_or("-").to_owned());
        format!("{} chart:{} implied:{}", parts.join(" "), words(&image["ofChart"]), words(&image["implied"]))
    };
    document["images"].as_array().unwrap().iter().map(one).collect()
}

fn deployment(image: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: web}}\nspec:\n  selector: {{matchLabels: {{app: web}}}}\n  \
         template:\n    metadata: {{labels: {{app: web}}}}\n    spec: {{containers: [{{name: web, image: \"{image}\"}}]}}\n"
    )
}

#[test]
fn each_part_is_led_to_the_line_that_sets_it() {
    let template = deployment("{{ image.repository }}:{{ image.tag }}");
    let values = "extends: [../base]\nimage:\n  tag: \"1.4.0\"\n";
    let project = project(values, &[("web.yaml", &template)])
        .file("environments/base/base.yaml", "image:\n  repository: ghcr.io/example/web\n  tag: \"1.3.0\"\n")
        .file("environments/dev/environment.yaml", "extends: [../base]\n");
    let ran = project.run(&["images", "prod", "dev"]);
    let wanted = "\
ghcr.io/example/web:1.3.0
  in      dev
  set at  environments/base/base.yaml:2:15  registry, repository
          environments/base/base.yaml:3:9  tag
  for     Deployment/web/web  web.yaml spec.template.spec.containers[0].image

ghcr.io/example/web:1.4.0
  in      prod
  set at  environments/base/base.yaml:2:15  registry, repository
          environments/prod/environment.yaml:3:9  tag
  for     Deployment/web/web  web.yaml spec.template.spec.containers[0].image

2 images in 2 environments
";
    assert_eq!((ran.stdout.as_str(), ran.code), (wanted, 0), "{ran}");
}

#[test]
fn what_is_not_said_is_what_the_runtime_takes() {
    let digest = format!("nginx@sha256:{}", "0a".repeat(32));
    let pod = |name: &str, image: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{containers: [{{name: a, image: \"{image}\"}}]}}\n"
        )
    };
    let all = [
        pod("a", "nginx"),
        pod("b", "a/b:1"),
        pod("c", "localhost:5000/b:1"),
        pod("d", &digest),
        pod("e", "${REGISTRY}/x:1"),
        pod("f", "docker.io/redis:1"),
        pod("g", "index.docker.io/library/redis:1"),
    ];
    let project = project("image: {}\n", &[("pods.yaml", &all.join("---\n"))]);
    let wanted = [
        "- ${REGISTRY}/x:1 - - chart: implied:".to_owned(),
        "docker.io a/b 1 - chart: implied:registry".to_owned(),
        format!("docker.io library/nginx - sha256:{} chart: implied:registry", "0a".repeat(32)),
        "docker.io library/nginx - - chart: implied:registry".to_owned(),
        "docker.io library/redis 1 - chart: implied:".to_owned(),
        "localhost:5000 b 1 - chart: implied:".to_owned(),
    ];
    let (mut found, mut wanted) = (images(&project), wanted.to_vec());
    found.sort();
    wanted.sort();
    assert_eq!(found, wanted);
    let text = project.run(&["images"]).stdout;
    assert!(text.contains("docker.io/library/nginx:latest (implied)\n"), "{text}");
    assert!(text.starts_with("${REGISTRY}/x:1\n"), "{text}");
}

/// Values that a chart gets by Argo CD, from a file and from the object itself.
fn release(file: &str, inline: &str) -> Project {
    let application = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web, namespace: argocd}}\nspec:\n  project: default\n  \
         destination: {{namespace: web, server: https://kubernetes.default.svc}}\n  sources:\n    - repoURL: https://charts.example.com\n      \
         chart: web\n      targetRevision: 1.2.3\n      helm:\n        valueFiles: [$values/web/values.yaml]\n        valuesObject: {inline}\n    \
         - {{repoURL: https://git.example.com/fleet.git, targetRevision: main, ref: values}}\n"
    );
    project("image: {}\n", &[("web/values.yaml", file), ("application.yaml", &application)])
}

#[test]
fn what_the_chart_completes_is_the_charts() {
    for (file, inline, wanted) in [
        ("image: {tag: v1}\n", "{}", vec!["- - v1 - chart:registry+repository implied:"]),
        ("image: {repository: quay.io/a/b}\n", "{}", vec!["quay.io a/b - - chart:tag implied:"]),
        ("image: {repository: a/b, tag: \"\"}\n", "{}", vec!["- a/b - - chart:registry+tag implied:"]),
        // The object's own values win over those of the file.
        (
            "image: {registry: quay.io, repository: a/b, tag: v1}\n",
            "{image: {tag: v2}}",
            vec!["quay.io a/b v2 - chart: implied:"],
        ),
        (
            "image: {registry: quay.io, repository: a/b}\n",
            "{image: {tag: v2}, proxy: {image: {repository: quay.io/a/proxy, tag: v3}}}",
            vec!["quay.io a/b v2 - chart: implied:", "quay.io a/proxy v3 - chart: implied:"],
        ),
        // Charts take the registry of all images from here, some of them before that of the image.
        (
            "global: {imageRegistry: r.example.com}\nimage: {registry: quay.io, repository: a, tag: v1}\n",
            "{}",
            vec!["- a v1 - chart:registry implied:"],
        ),
        (
            "webhook:\n  image: {registry: gcr.io, image: a/hook, tag: v1}\n",
            "{}",
            vec!["gcr.io a/hook v1 - chart: implied:"],
        ),
        ("image: quay.io/a/b\nimageTag: v3\n", "{}", vec!["quay.io a/b v3 - chart: implied:"]),
        (
            "driver: {repository: nvcr.io/nvidia, image: driver, version: '550.1'}\n",
            "{}",
            vec!["nvcr.io nvidia/driver 550.1 - chart: implied:"],
        ),
        (
            "initContainers: [{name: plugin, image: velero/plugin:v1}]\n",
            "{}",
            vec!["docker.io velero/plugin v1 - chart: implied:registry"],
        ),
        ("image: {pullPolicy: Always}\ngit: {repository: a/b, tag: v1}\nimagePullSecrets: [{name: a}]\n", "{}", vec![]),
    ] {
        let project = release(file, inline);
        assert_eq!(images(&project), wanted, "{file}{inline}");
    }
    let text = release("image: {repository: quay.io/a/b}\n", "{}").run(&["images", "prod"]).stdout;
    let wanted = "\
quay.io/a/b:(chart)
  set at  templates/web/values.yaml.j2:1:21  registry, repository
  for     chart web, release web  web/values.yaml image

1 image in 1 environment
1 chart runs what its own defaults name beside these, which is not in the tree
(chart): the chart completes it by its own defaults, which are not looked up
";
    assert_eq!(text, wanted);
}

/// Values in texts of Argo CD, charts that lie in a repository, and a chart that only the cluster knows.
#[test]
fn releases_whose_values_stand_in_the_object_itself() {
    let application = |source: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web, namespace: argocd}}\nspec:\n  project: default\n  destination: {{namespace: web, server: https://kubernetes.default.svc}}\n  source:\n    repoURL: https://example.com/it\n    targetRevision: 1.2.3\n{source}"
        )
    };
    let flux = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: web}\nspec: {interval: 1h, chartRef: {kind: OCIRepository, name: elsewhere}, values: {image: {repository: ghcr.io/a/b, tag: v3}}}\n";
    let text =
        "    helm:\n      values: |\n        image:\n          repository: quay.io/a/b\n          tag: \"1.0\"\n";
    let parameter = |name: &str, value: &str| {
        format!(
            "    helm:\n      valuesObject: {{image: {{repository: quay.io/a/b, tag: v1}}}}\n      parameters: [{{name: {name}, value: {value}}}]\n"
        )
    };
    for (text, wanted) in [
        (application(&format!("    chart: web\n{text}")), "quay.io a/b 1.0 - chart: implied:"),
        (application(&format!("    path: charts/web\n{text}")), "quay.io a/b 1.0 - chart: implied:"),
        // Parameters have the last word.
        (application(&format!("    chart: web\n{}", parameter("image.tag", "v2"))), "quay.io a/b v2 - chart: implied:"),
        (
            application(&format!("    path: charts/web\n{}", parameter("image.repository", "ghcr.io/a/c"))),
            "ghcr.io a/c v1 - chart: implied:",
        ),
        (flux.to_owned(), "ghcr.io a/b v3 - chart: implied:"),
    ] {
        assert_eq!(images(&project("image: {}\n", &[("it.yaml", &text)])), [wanted], "{text}");
    }
}

#[test]
fn custom_resources_name_images_in_fields_that_are_known() {
    let object = |api: &str, kind: &str, spec: &str| {
        format!("apiVersion: {api}\nkind: {kind}\nmetadata: {{name: a}}\nspec: {spec}\n")
    };
    let all = [
        object("monitoring.coreos.com/v1", "Prometheus", "{image: 'quay.io/prometheus/prometheus:v3.1.0'}"),
        object("postgresql.cnpg.io/v1", "Cluster", "{imageName: 'ghcr.io/cloudnative-pg/postgresql:17.2'}"),
        object("tekton.dev/v1", "Task", "{steps: [{name: a, image: 'ghcr.io/example/step:1'}]}"),
        // A pod within an object of any kind.
        object(
            "serving.knative.dev/v1",
            "Service",
            "{template: {spec: {containers: [{name: a, image: 'ghcr.io/example/fn:2'}]}}}",
        ),
        // A policy says what the images of others may be.
        object(
            "kyverno.io/v1",
            "ClusterPolicy",
            "{rules: [{name: a, validate: {pattern: {spec: {containers: [{name: '*', image: 'ghcr.io/a:1'}]}}}}]}",
        ),
        object("example.com/v1", "Thing", "{image: 'ghcr.io/example/unknown:1'}"),
    ];
    let project = project("image: {}\n", &[("objects.yaml", &all.join("---\n"))]);
    let wanted = [
        "ghcr.io cloudnative-pg/postgresql 17.2 - chart: implied:",
        "ghcr.io example/fn 2 - chart: implied:",
        "ghcr.io example/step 1 - chart: implied:",
        "quay.io prometheus/prometheus v3.1.0 - chart: implied:",
    ];
    assert_eq!(images(&project), wanted);
}

#[test]
fn kustomize_has_the_last_word() {
    let base = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [web.yaml]\n";
    let overlay = |images: &str| {
        format!(
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../base]\nimages: [{images}]\n"
        )
    };
    let files = |images: &str| {
        let image = deployment("ghcr.io/example/web:1");
        project(
            "image: {}\n",
            &[
                ("base/web.yaml", &image),
                ("base/kustomization.yaml", base),
                ("over/kustomization.yaml", &overlay(images)),
            ],
        )
    };
    let of = |images_of: &str| images(&files(images_of));
    assert_eq!(of("{name: ghcr.io/example/web, newTag: '2'}"), ["ghcr.io example/web 2 - chart: implied:"]);
    assert_eq!(of("{name: ghcr.io/example/web, newName: quay.io/web}"), ["quay.io web 1 - chart: implied:"]);
    assert_eq!(of("{name: web, newTag: '2'}"), ["ghcr.io example/web 1 - chart: implied:"]);
    // A name may have a tag; Kustomize reads it as a regular expression, and puts a suffix behind a tag twice.
    assert_eq!(of("{name: 'ghcr.io/example/web:1', newTag: '2'}"), ["ghcr.io example/web 2 - chart: implied:"]);
    assert_eq!(of("{name: 'ghcr.io/example/web:2', newTag: '3'}"), ["ghcr.io example/web 1 - chart: implied:"]);
    assert_eq!(of("{name: ghcr.io/example/web, newName: '', newTag: ''}"), ["ghcr.io example/web 1 - chart: implied:"]);
    for unknown in ["{name: 'ghcr.io/example/.+', newTag: '2'}", "{name: ghcr.io/example/web, tagSuffix: -x}"] {
        let ran = files(unknown).run(&["images", "prod"]);
        assert!(ran.stdout.contains("may change"), "{unknown}: {ran}");
    }
    let digest = format!("sha256:{}", "0b".repeat(32));
    let wanted = format!("ghcr.io example/web - {digest} chart: implied:");
    assert_eq!(of(&format!("{{name: ghcr.io/example/web, digest: '{digest}'}}")), [wanted]);
    // A component changes what stands beside it.
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages: [{name: ghcr.io/example/web, newTag: '3'}]\n";
    let with_component = files("{name: ghcr.io/example/web, newName: quay.io/web}")
        .file("templates/pin/kustomization.yaml.j2", component)
        .file(
            "templates/over/kustomization.yaml.j2",
            overlay("{name: ghcr.io/example/web, newName: quay.io/web}") + "components: [../pin]\n",
        );
    assert_eq!(images(&with_component), ["quay.io web 3 - chart: implied:"]);
    let text = files("{name: ghcr.io/example/web, newTag: '2'}").run(&["images", "prod"]).stdout;
    assert!(text.contains("templates/over/kustomization.yaml.j2:4:46  tag"), "{text}");
}

#[test]
fn a_bill_of_materials_is_what_its_schema_says() {
    let Some(judge) = judges::cyclonedx() else { return };
    let digest = format!("quay.io/a/b:1@sha256:{}", "0c".repeat(32));
    let project = release(
        &format!("image: {{tag: v1}}\nsidecar: {{image: '{digest}'}}\nother: {{image: {{repository: a/b}}}}\n"),
        "{}",
    )
    .file(
        "templates/pod.yaml.j2",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: nginx}]}\n",
    );
    let ran = project.run(&["images", "--format", "cyclonedx"]);
    assert_eq!(ran.code, 0, "{ran}");
    let bill = json(&ran);
    let errors = judges::errors(&judge, &bill);
    assert!(errors.is_empty(), "{errors:#?}\n{bill:#}");
    let components = bill["components"].as_array().unwrap();
    // An image of which only the chart knows the name is none that a bill could name.
    assert_eq!(components.len(), 3, "{bill:#}");
    let purls: Vec<&str> = components.iter().filter_map(|it| it["purl"].as_str()).collect();
    assert_eq!(purls, [format!("pkg:oci/b@sha256%3A{}?repository_url=quay.io/a/b&tag=1", "0c".repeat(32))]);
    // The schema tells a bill from something else.
    assert!(
        !judge.is_valid(
            &serde_json::json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name": 1}]})
        )
    );
}

#[test]
fn no_secret_is_in_a_name() {
    let values = "image: {}\npassword: kX9fQ2vLw8ZrT4nB7yHc1mPd6sGj3aUe\n";
    let project = project(values, &[("web.yaml", &deployment("ghcr.io/{{ password }}/web:1"))]);
    for format in ["text", "json", "cyclonedx"] {
        let ran = project.run(&["images", "--format", format]);
        assert!(ran.code == 0 && ran.stdout.contains("***"), "{ran}");
        assert!(!ran.stdout.contains("kX9f"), "{ran}");
    }
}

#[test]
fn an_environment_with_errors_is_left_out_and_told() {
    let project = project("image: [wrong]\n", &[("web.yaml", &deployment("ghcr.io/example/web:1"))])
        .file("environments/dev/environment.yaml", "image: {}\n");
    let ran = project.run(&["images"]);
    assert_eq!(ran.code, 1, "{ran}");
    assert!(ran.stderr.contains("environments/prod/environment.yaml:1:1"), "{ran}");
    assert!(ran.stdout.contains("1 image in 1 environment\n"), "{ran}");
    let ran = project.run(&["validate", "--format", "cyclonedx"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran}");
}
