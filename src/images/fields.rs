//! Fields of custom resources that name images, from the definitions that their makers publish.

/// Group, kind, and paths with points; `*` is every item or entry.
pub(super) const FIELDS: &[(&str, &str, &[&str])] = &[
    // https://github.com/argoproj/argo-workflows/blob/main/docs/fields.md
    ("argoproj.io", "Workflow", WORKFLOW),
    ("argoproj.io", "WorkflowTemplate", WORKFLOW),
    ("argoproj.io", "ClusterWorkflowTemplate", WORKFLOW),
    (
        "argoproj.io",
        "CronWorkflow",
        &["spec.workflowSpec.templates.*.container.image", "spec.workflowSpec.templates.*.script.image"],
    ),
    // https://prometheus-operator.dev/docs/api-reference/api/
    ("monitoring.coreos.com", "Alertmanager", &["spec.image"]),
    ("monitoring.coreos.com", "Prometheus", &["spec.image", "spec.thanos.image"]),
    ("monitoring.coreos.com", "PrometheusAgent", &["spec.image"]),
    ("monitoring.coreos.com", "ThanosRuler", &["spec.image"]),
    // https://github.com/open-telemetry/opentelemetry-operator/blob/main/docs/api
    (
        "opentelemetry.io",
        "Instrumentation",
        &[
            "spec.java.image",
            "spec.nodejs.image",
            "spec.python.image",
            "spec.dotnet.image",
            "spec.go.image",
            "spec.apacheHttpd.image",
            "spec.nginx.image",
        ],
    ),
    ("opentelemetry.io", "OpenTelemetryCollector", &["spec.image"]),
    ("opentelemetry.io", "TargetAllocator", &["spec.image"]),
    // https://cloudnative-pg.io/documentation/current/cloudnative-pg.v1/
    ("postgresql.cnpg.io", "Cluster", &["spec.imageName"]),
    ("postgresql.cnpg.io", "ClusterImageCatalog", &["spec.images.*.image"]),
    ("postgresql.cnpg.io", "ImageCatalog", &["spec.images.*.image"]),
    // https://www.elastic.co/docs/reference/cloud-on-k8s/api-docs
    ("elasticsearch.k8s.elastic.co", "Elasticsearch", &["spec.image"]),
    ("kibana.k8s.elastic.co", "Kibana", &["spec.image"]),
    ("logstash.k8s.elastic.co", "Logstash", &["spec.image"]),
    // https://strimzi.io/docs/operators/latest/configuring.html
    (
        "kafka.strimzi.io",
        "Kafka",
        &[
            "spec.kafka.image",
            "spec.zookeeper.image",
            "spec.entityOperator.topicOperator.image",
            "spec.entityOperator.userOperator.image",
            "spec.cruiseControl.image",
            "spec.kafkaExporter.image",
        ],
    ),
    ("kafka.strimzi.io", "KafkaBridge", &["spec.image"]),
    ("kafka.strimzi.io", "KafkaConnect", &["spec.image"]),
    ("kafka.strimzi.io", "KafkaMirrorMaker2", &["spec.image"]),
    // https://tekton.dev/docs/pipelines/pipeline-api/
    ("tekton.dev", "Task", &["spec.steps.*.image", "spec.sidecars.*.image"]),
    ("tekton.dev", "ClusterTask", &["spec.steps.*.image", "spec.sidecars.*.image"]),
    // https://github.com/rabbitmq/cluster-operator/blob/main/docs/api
    ("rabbitmq.com", "RabbitmqCluster", &["spec.image"]),
    // https://grafana.com/docs/k6/latest/set-up/set-up-distributed-k6/
    ("k6.io", "TestRun", &["spec.runner.image", "spec.starter.image", "spec.initializer.image"]),
];

const WORKFLOW: &[&str] = &["spec.templates.*.container.image", "spec.templates.*.script.image"];

/// Groups whose objects say what others' images may be, and run none.
pub(super) fn is_about_others(group: &str) -> bool {
    ["kyverno.io", "gatekeeper.sh"].iter().any(|it| group == *it || group.ends_with(&format!(".{it}")))
        || group == "admissionregistration.k8s.io"
}
