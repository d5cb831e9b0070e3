//! What the API server fills in or refuses, load balancers, files of charts, and the lines that a change leads to.

use serde_json::Value;

use crate::git;
use crate::impact::{DEPLOYMENT, check, effects, object};
use crate::support::Project;

#[test]
fn a_pod_template_that_is_only_written_otherwise() {
    let with = |from: &str, to: &str| DEPLOYMENT.replace(from, to);
    let nothing = "Deployment/shop/web nothing is written otherwise, and means the same";
    let one = "image: 'a:1', ";
    for (before, after) in [
        (one, "image: 'a:1', imagePullPolicy: IfNotPresent, "),
        ("image: 'a:1', ", "image: 'a:1', terminationMessagePolicy: File, "),
    ] {
        check(&[("web.yaml", DEPLOYMENT, &with(before, after))], nothing);
    }
    let cpu = |text: &str| with(one, &format!("image: 'a:1', resources: {{requests: {{cpu: {text}}}}}, "));
    check(&[("web.yaml", &cpu("1000m"), &cpu("1"))], nothing);
    check(&[("web.yaml", &cpu("1000m"), &cpu("2"))], "Deployment/shop/web restarts the `cpu` of its pods");
    let port = |text: &str| with(one, &format!("image: 'a:1', ports: [{{containerPort: 80{text}}}], "));
    check(&[("web.yaml", &port(""), &port(", protocol: TCP"))], nothing);
    check(&[("web.yaml", &port(""), &port(", protocol: UDP"))], "Deployment/shop/web restarts its pods");
    check(
        &[("web.yaml", DEPLOYMENT, &with(one, "image: 'a:1', imagePullPolicy: Always, "))],
        "Deployment/shop/web restarts the `imagePullPolicy`",
    );
    let paused = with("spec:\n  replicas: 3", "spec:\n  paused: true\n  replicas: 3");
    check(
        &[("web.yaml", &paused, &paused.replace("a:1", "a:2"))],
        "Deployment/shop/web in-place until it is paused no more",
    );
}

#[test]
fn a_field_that_comes_or_goes_is_what_is_filled_in() {
    let of = |kind: &str, spec: &str| object(kind, spec);
    for (kind, subject, before, after, wanted) in [
        (
            "storage.k8s.io/v1\nkind: StorageClass",
            "StorageClass/it",
            "provisioner: x\nvolumeBindingMode: WaitForFirstConsumer",
            "provisioner: x",
            "blocks `volumeBindingMode`",
        ),
        (
            "storage.k8s.io/v1\nkind: StorageClass",
            "StorageClass/it",
            "provisioner: x\nvolumeBindingMode: Immediate",
            "provisioner: x",
            "in-place is updated",
        ),
        (
            "v1\nkind: PersistentVolumeClaim",
            "PersistentVolumeClaim/shop/it",
            "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
            "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, volumeMode: Block}",
            "blocks `spec.volumeMode`",
        ),
        (
            "scheduling.k8s.io/v1\nkind: PriorityClass",
            "PriorityClass/it",
            "value: 1",
            "value: 1\npreemptionPolicy: Never",
            "blocks `preemptionPolicy`",
        ),
    ] {
        let text = |spec: &str| {
            let text = of(kind, spec);
            if subject.matches('/').count() == 1 { text.replace(", namespace: shop", "") } else { text }
        };
        check(&[("it.yaml", &text(before), &text(after))], &format!("{subject} {wanted}"));
    }
}

#[test]
fn load_balancers_that_go_or_are_others() {
    let service = |spec: &str| {
        object("v1\nkind: Service", &format!("spec: {{selector: {{app: web}}, ports: [{{port: 80}}], {spec}}}"))
    };
    let change = |before: &str, after: &str, wanted: &str| {
        check(&[("s.yaml", &service(before), &service(after))], &format!("Service/shop/it {wanted}"));
    };
    let nlb = "type: LoadBalancer, loadBalancerClass: service.k8s.aws/nlb";
    change(nlb, "type: ClusterIP", "destroys its address with it");
    change(nlb, "type: LoadBalancer, loadBalancerClass: example.com/other", "blocks `spec.loadBalancerClass`");
    change(nlb, "type: LoadBalancer", "blocks `spec.loadBalancerClass`");
    change("type: LoadBalancer", nlb, "unknown gets a class");
    change("clusterIP: None", "type: ClusterIP", "in-place is updated");
    let ingress = |class: &str| {
        object(
            "networking.k8s.io/v1\nkind: Ingress",
            &format!(
                "spec: {{ingressClassName: {class}, defaultBackend: {{service: {{name: it, port: {{number: 80}}}}}}}}"
            ),
        )
    };
    check(
        &[("i.yaml", &ingress("alb"), &ingress("nginx"))],
        "Ingress/shop/it destroys its address with it: it goes from the class `alb` to `nginx`",
    );
    check(
        &[("i.yaml", &ingress("nginx"), &ingress("alb"))],
        "Ingress/shop/it replaces goes from the class `nginx` to `alb`",
    );
    // Another class of the same controller.
    let class = "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: inner}\nspec: {controller: ingress.k8s.aws/alb}\n";
    check(
        &[("c.yaml", class, class), ("i.yaml", &ingress("alb"), &ingress("inner"))],
        "Ingress/shop/it replaces goes from the class `alb` to `inner`",
    );
    let asks = |label: &str| {
        object("v1\nkind: Service", &format!("spec: {{selector: {{app: web{label}}}, ports: [{{port: 80}}]}}"))
    };
    check(
        &[("web.yaml", DEPLOYMENT, DEPLOYMENT), ("s.yaml", &asks(""), &asks(", part: of"))],
        "Service/shop/it blocks finds none of the pods that run now",
    );
}

#[test]
fn a_file_that_is_mounted_by_itself_is_never_renewed() {
    let settings = |level: &str| object("v1\nkind: ConfigMap", &format!("data: {{level: {level}}}"));
    let mounted = |mount: &str| {
        DEPLOYMENT.replace(
            "envFrom: [{configMapRef: {name: settings}}]}]}",
            &format!("volumeMounts: [{{name: v, mountPath: /x{mount}}}]}}], volumes: [{{name: v, configMap: {{name: it}}}}]}}"),
        )
    };
    for (mount, wanted) in
        [("", "sees it as a file"), (", subPath: level", "reads it when its pods start, and they are not")]
    {
        let web = mounted(mount);
        check(
            &[("web.yaml", &web, &web), ("it.yaml", &settings("info"), &settings("debug"))],
            &format!("ConfigMap/shop/it in-place {wanted}"),
        );
    }
}

#[test]
fn pools_that_take_nodes_away() {
    let pool = |disruption: &str, values: &str| {
        format!(
            "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {{name: a}}\nspec:\n  disruption: {{{disruption}}}\n  template: {{spec: {{nodeClassRef: {{group: karpenter.k8s.aws, kind: EC2NodeClass, name: d}}, requirements: [{{key: karpenter.sh/capacity-type, operator: In, values: [{values}]}}]}}}}\n"
        )
    };
    let change = |before: [&str; 2], after: [&str; 2], wanted: &str| {
        let of = |[disruption, values]: [&str; 2]| pool(disruption, values);
        check(&[("p.yaml", &of(before), &of(after))], &format!("NodePool/a {wanted}"));
    };
    let (empty, used) = ("consolidationPolicy: WhenEmpty", "consolidationPolicy: WhenEmptyOrUnderutilized");
    change([empty, "spot"], [used, "spot"], "rolls-nodes drains nodes that are little used, from now on");
    change([used, "spot"], [empty, "spot"], "in-place no node goes for it");
    change([empty, "spot"], [empty, "on-demand, spot"], "in-place no node goes for it");
    change([empty, "on-demand, spot"], [empty, "spot, on-demand"], "in-place no node goes for it");
    change([empty, "on-demand, spot"], [empty, "spot"], "rolls-nodes do not allow any more");
}

/// Files that are copied as they are.
const COPIED: [(&str, &str); 6] = [
    ("chart/Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n"),
    ("chart/templates/_h.tpl", "{{- define \"x\" }}a{{ end }}\n"),
    ("chart/templates/map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Values.a }}}\n"),
    (
        "code/t.yaml",
        "Resources: {F: {Type: AWS::Lambda::Function, Properties: {Code: ./src, Role: 'arn:aws:iam::123456789012:role/x'}}}\n",
    ),
    ("code/src/requirements.txt", "a==1\n"),
    ("order.txt", "a, b\n"),
];

#[test]
fn a_file_of_a_chart_or_of_code_is_not_harmless() {
    for (path, text, wanted, sentence) in [
        ("chart/templates/_h.tpl", "b\n", "unknown", "it is a part of a chart"),
        ("chart/templates/map.yaml", "metadata: {name: {{ .Values.b }}}\n", "unknown", "it is a part of a chart"),
        ("chart/.helmignore", "templates/\n", "unknown", "it is a part of a chart"),
        ("code/src/requirements.txt", "a==2\n", "unknown", "a template of CloudFormation names it"),
        ("order.txt", "b, a\n", "nothing", "nothing of the tree deploys"),
        ("run.sh", "b\n", "adds", "is made"),
    ] {
        let mut project = Project::empty()
            .file("platc.yaml", "")
            .file("environments/prod.yaml", "size: 1\n")
            .file("schemas/environment.schema.yaml", "type: object\nproperties: {size: {type: integer}}\n");
        for (path, text) in COPIED {
            project = project.file(&format!("templates/{path}"), text);
        }
        let accepted = project.run(&["golden", "--accept"]);
        assert_eq!(accepted.code, 0, "{accepted}");
        project.write(&format!("templates/{path}"), text);
        let found = effects(&project.run(&["diff", "prod", "--view", "impact", "--format", "json"]));
        let [(subject, word, said)] = found.as_slice() else { panic!("{path}: {found:#?}") };
        assert!(subject == path && word == wanted && said.contains(sentence), "{subject} {word}: {said}");
    }
}

/// What has not changed is no cause, and a text is one if it was edited.
#[test]
fn a_change_leads_to_what_is_not_what_it_was() {
    let environment = "environments/prod.yaml";
    let template = "templates/t.yaml.j2";
    let project = || {
        let project = Project::empty()
            .file("platc.yaml", "")
            .file(
                "schemas/environment.schema.yaml",
                "type: object\nproperties: {name: {type: string}, on: {type: boolean}, sizes: {type: array, items: {type: integer}}}\n",
            )
            .file(environment, "name: shop\non: true\nsizes:\n- 1\n- 2\n")
            .file(
                template,
                "Resources:\n{% if on %}\n  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.{{ sizes[1] }}.0.0/16}}\n  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.2.0.0/24}}\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties:\n      DisplayName: Old {{ name }}\n{% endif %}\n",
            );
        for args in [&["init", "-q", "-b", "main"][..], &["add", "-A"], &["commit", "-qm", "start"]] {
            git(&project, args);
        }
        project
    };
    let causes = |path: &str, from: &str, to: &str| {
        let project = project();
        let text = project.read(path);
        assert!(text.contains(from));
        project.write(path, text.replace(from, to));
        let ran = project.run(&["diff", "prod", "--view", "impact", "--format", "json", "--against", "main"]);
        let document: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran}"));
        let cause = |it: &Value| {
            let at = it["causes"].as_array().unwrap().iter();
            let at: Vec<String> = at.map(|at| format!("{}:{}", at["path"].as_str().unwrap(), at["line"])).collect();
            format!("{} {}", it["subject"].as_str().unwrap(), at.join(" "))
        };
        let found: Vec<String> = document["differences"][0]["effects"].as_array().unwrap().iter().map(cause).collect();
        found.join("\n")
    };
    // What follows leads to the same line.
    let both = format!("t.yaml#Vpc {environment}:5\nt.yaml#Subnet {environment}:5");
    assert_eq!(causes(environment, "- 2", "- 3"), both);
    // Beside a value that is what it was.
    assert_eq!(causes(template, "Old", "New"), format!("t.yaml#Topic {template}:8"));
    assert_eq!(causes(environment, "name: shop", "name: store"), format!("t.yaml#Topic {environment}:1"));
}
