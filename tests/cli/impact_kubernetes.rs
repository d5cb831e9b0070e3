//! What becomes of objects, and of the pods and nodes that they make.

use crate::impact::{DEPLOYMENT, changed, check, effects, object};

#[test]
fn pods_restart_for_their_template_alone() {
    let settings =
        |level: &str| object("v1\nkind: ConfigMap", &format!("data: {{level: {level}}}")).replace("it,", "settings,");
    check(
        &[
            ("web.yaml", DEPLOYMENT, &DEPLOYMENT.replace("replicas: 3", "replicas: 5")),
            ("other.yaml", &DEPLOYMENT.replace("web", "api"), &DEPLOYMENT.replace("web", "api").replace("a:1", "a:2")),
            ("settings.yaml", &settings("info"), &settings("debug")),
        ],
        "Deployment/shop/web in-place goes from 3 to 5 pods
        Deployment/shop/api restarts the `image` of its pods changes
        ConfigMap/shop/settings in-place reads it when its pods start",
    );
    let reloaded =
        DEPLOYMENT.replace("namespace: shop}", "namespace: shop, annotations: {reloader.stakater.com/auto: 'true'}}");
    check(
        &[("web.yaml", &reloaded, &reloaded), ("settings.yaml", &settings("info"), &settings("debug"))],
        "ConfigMap/shop/settings restarts Deployment `web` is restarted for it",
    );
}

#[test]
fn what_the_api_server_refuses_and_what_a_tool_makes_of_it() {
    let set = |rest: &str| {
        object(
            "apps/v1\nkind: StatefulSet",
            &format!(
                "spec: {{serviceName: a, {rest}, selector: {{matchLabels: {{a: b}}}}, template: {{metadata: {{labels: {{a: b}}}}, spec: {{containers: [{{name: a, image: 'a:1'}}]}}}}}}"
            ),
        )
    };
    let claim = |size: &str| {
        object(
            "v1\nkind: PersistentVolumeClaim",
            &format!("spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: {size}}}}}}}"),
        )
    };
    let class = |kind: &str| {
        object("storage.k8s.io/v1\nkind: StorageClass", &format!("provisioner: x\nparameters: {{type: {kind}}}"))
    };
    check(
        &[
            ("set.yaml", &set("podManagementPolicy: Parallel"), &set("podManagementPolicy: OrderedReady")),
            (
                "class.yaml",
                &class("gp2"),
                &class("gp3").replace(
                    "namespace: shop",
                    "namespace: shop, annotations: {argocd.argoproj.io/sync-options: Replace=true}",
                ),
            ),
            ("claim.yaml", &claim("2Gi"), &claim("1Gi")),
            ("larger.yaml", &claim("2Gi").replace("it,", "larger,"), &claim("3Gi").replace("it,", "larger,")),
        ],
        "StatefulSet/shop/it blocks its `spec.podManagementPolicy` cannot be changed
        StorageClass/shop/it replaces is deleted and made again
        PersistentVolumeClaim/shop/it blocks its `spec.resources.requests.storage`
        PersistentVolumeClaim/shop/larger in-place grows",
    );
}

#[test]
fn what_no_table_knows_is_unknown() {
    let thing = |value: &str| object("example.com/v1\nkind: Thing", &format!("spec: {{value: {value}}}"));
    check(
        &[
            ("thing.yaml", &thing("a"), &thing("b")),
            ("chart/values.yaml", "replicas: 1\n", "replicas: 2\n"),
            ("named.yaml", &thing("a").replace("it,", "named,"), &thing("a").replace("it,", "named, labels: {a: b},")),
        ],
        "Thing/shop/it unknown no table says what comes of it
        chart/values.yaml unknown what the chart makes of it is not known
        Thing/shop/named in-place its `labels` changes",
    );
}

const POOL: &str = "apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: general}
spec:
  weight: 1
  disruption: {budgets: [{nodes: 20%}, {nodes: '0', schedule: 0 9 * * *, duration: 8h}]}
  template:
    spec:
      expireAfter: 720h
      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
      requirements: [{key: karpenter.sh/capacity-type, operator: In, values: [spot]}]
";

#[test]
fn nodes_drift_for_what_they_are_made_of() {
    let class = |role: &str, ami: &str| {
        format!(
            "apiVersion: karpenter.k8s.aws/v1\nkind: EC2NodeClass\nmetadata: {{name: default}}\nspec: {{role: {role}, amiSelectorTerms: [{{alias: {ami}}}]}}\n"
        )
    };
    let class_of = |from: &str, to: &str| {
        changed(&[("class.yaml", from, to), ("pool.yaml", POOL, POOL)])
            .run(&["diff", "--view", "impact", "--format", "json"])
    };
    for (from, to, consequence, sentence) in [
        ("weight: 1", "weight: 2", "in-place", "no node goes for it"),
        ("nodes: 20%", "nodes: 10%", "in-place", "no node goes for it"),
        (
            "720h",
            "360h",
            "rolls-nodes",
            "rolls all its nodes: its `expireAfter` changes, 20% at a time, fewer at the hours",
        ),
        ("spot", "on-demand", "rolls-nodes", "rolls the nodes that its `requirements` do not allow any more"),
    ] {
        check(&[("pool.yaml", POOL, &POOL.replace(from, to))], &format!("NodePool/general {consequence} {sentence}"));
    }
    let ran = class_of(&class("a", "al2023@v1"), &class("a", "al2023@v2"));
    let rolls = "rolls the nodes of `general` that have other images than its `amiSelectorTerms` find, 20% at a time";
    assert!(ran.stdout.contains(rolls), "{ran}");
    let ran = class_of(&class("a", "al2023@v1"), &class("b", "al2023@v1"));
    assert!(ran.stdout.contains("rolls all nodes of `general`"), "{ran}");
}

const APPLICATION: &str = "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: team, namespace: argocd}
spec: {source: {repoURL: https://git.example.com/fleet, path: prod/team, targetRevision: v1}, syncPolicy: {automated: {prune: true}}}
";

#[test]
fn objects_go_as_what_delivers_them_says() {
    let gone = |application: &str, object: &str| {
        let project = changed(&[("apps/team.yaml", application, application), ("team/gone.yaml", object, "")]);
        effects(&project.run(&["diff", "--view", "impact", "--format", "json"]))
    };
    let settings = object("v1\nkind: ConfigMap", "data: {}");
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
    for (application, object, consequence, sentence) in [
        (APPLICATION.to_owned(), settings.clone(), "destroys", "is deleted"),
        (APPLICATION.to_owned(), namespace.to_owned(), "destroys", "and with it everything in it"),
        (
            APPLICATION.replace("prune: true", "prune: false"),
            settings.clone(),
            "nothing",
            "what applies it does not prune",
        ),
        (APPLICATION.replace("{automated: {prune: true}}", "{}"), settings.clone(), "unknown", "who syncs"),
        (APPLICATION.replace("prod/team", "prod/other"), settings.clone(), "unknown", "not in the tree"),
        (
            APPLICATION.to_owned(),
            settings.replace("shop}", "shop, annotations: {argocd.argoproj.io/sync-options: Prune=false}}"),
            "nothing",
            "must not be pruned",
        ),
    ] {
        let found = gone(&application, &object);
        let [(_, word, said)] = found.as_slice() else { panic!("{found:#?}") };
        assert!(word == consequence && said.contains(sentence), "{word}: {said}\n{consequence}: {sentence}");
    }
}

#[test]
fn a_policy_that_begins_to_refuse_names_what_it_refuses() {
    let policy = |action: &str| {
        format!(
            "apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {{name: no-first}}
spec:
  validationActions: [{action}]
  matchConstraints: {{resourceRules: [{{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}}]}}
  validations: [{{expression: \"object.spec.containers.all(c, c.image != 'a:1')\", message: not the first}}]
"
        )
    };
    check(
        &[("policy.yaml", &policy("Audit"), &policy("Deny")), ("web.yaml", DEPLOYMENT, DEPLOYMENT)],
        "ValidatingPolicy/no-first blocks refuses from now on: 1 object of the tree
        Deployment/shop/web blocks the policy `no-first` refuses the pods of the Deployment `web`: not the first",
    );
}

/// Of a policy that refuses already each change may refuse more, but for those that cannot.
#[test]
fn a_policy_that_refuses_already_and_may_refuse_more() {
    let policy = |registries: &str, not_in: &str, validation: &str| {
        format!(
            "apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {{name: known}}
spec:
  validationActions: [Deny]
  matchConstraints:
    namespaceSelector: {{matchExpressions: [{{key: kubernetes.io/metadata.name, operator: NotIn, values: [{not_in}]}}]}}
    resourceRules: [{{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}}]
  variables: [{{name: registries, expression: \"[{registries}]\"}}]
  validations:
    - expression: \"object.spec.template.spec.containers.all(c, variables.registries.exists(r, c.image.startsWith(r)))\"
      message: from {registries}
{validation}"
        )
    };
    let more = "    - {expression: \"has(object.metadata.labels)\", message: labels}\n";
    let both = policy("'a', 'b'", "kube-system", "");
    let refuses = "ValidatingPolicy/known blocks refuses already, and may refuse more from now on";
    let updated = "ValidatingPolicy/known in-place is updated";
    for (tighter, looser) in [
        (policy("'a'", "kube-system", ""), both.clone()),
        (policy("'b'", "kube-system", ""), both.clone()),
        (both.clone(), policy("'a', 'b'", "kube-system, kyverno", "")),
        (policy("'a', 'b'", "kube-system", more), both.clone()),
    ] {
        check(&[("policy.yaml", &looser, &tighter)], refuses);
        check(&[("policy.yaml", &tighter, &looser)], updated);
    }
    // Who only warns refuses nothing, and nothing either who says it in other words.
    let audits = |text: &str| text.replace("[Deny]", "[Audit]");
    check(&[("policy.yaml", &audits(&both), &audits(&policy("'a'", "kube-system", "")))], updated);
    check(&[("policy.yaml", &both, &both.replace("from", "of one of"))], updated);
}
