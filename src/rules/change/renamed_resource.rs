//! Resources that get another logical id and keep their name.

use crate::check::cfn::Resource;
use crate::check::{Change, Pair, Report, rule};
use crate::impact::fixed_name;

rule! {
    RENAMED_RESOURCE = Error "change/renamed-resource";
    summary: "a resource gets another logical id and keeps its name, which CloudFormation refuses";
    explanation: "To CloudFormation a resource of another logical id is another resource: it makes that one first and deletes the old one afterwards. Where both have one name, the first step fails, \"already exists\", and the stack is rolled back; where a service takes the second for an update of the first, the last step deletes both. The logical id is nothing that anybody sees: leave it as it is.";
    wrong: "
        --- # before/queue/template.yaml
        Resources:
          Interruptions: {Type: AWS::SQS::Queue, Properties: {QueueName: prod-karpenter, SqsManagedSseEnabled: true}}
        --- # after/queue/template.yaml
        Resources:
          KarpenterQueue: {Type: AWS::SQS::Queue, Properties: {QueueName: prod-karpenter, SqsManagedSseEnabled: true}}
    ";
    right: "
        --- # before/queue/template.yaml
        Resources:
          Interruptions: {Type: AWS::SQS::Queue, Properties: {QueueName: prod-karpenter, SqsManagedSseEnabled: true}}
        --- # after/queue/template.yaml
        Resources:
          Interruptions: {Type: AWS::SQS::Queue, Properties: {QueueName: prod-karpenter, SqsManagedSseEnabled: true, MessageRetentionPeriod: 300}}
    ";
}

pub(super) fn check(change: &Change<'_>, report: &mut Report) {
    for (old, new) in change.templates() {
        let Some(new) = new else { continue };
        let gone: Vec<&Resource<'_>> = old.resources().iter().filter(|it| new.resource(it.id).is_none()).collect();
        if gone.is_empty() {
            continue;
        }
        for added in new.resources().iter().filter(|it| old.resource(it.id).is_none()) {
            let mut same = gone.iter().filter(|it| it.kind == added.kind);
            let named = same.find_map(|it| Some((*it, fixed_name(&Pair { old: it, new: added })?)));
            let Some((before, name)) = named else { continue };
            let message = format!("`{}` was `{}` and keeps its name, which is taken", added.id, before.id);
            let draft = report.at(&RENAMED_RESOURCE, &name, message);
            draft.label("CloudFormation makes this one before it deletes the other");
            draft.beside(change.was(&before.node), format!("deployed as `{}`", before.id));
            draft.help(format!("keep the logical id `{}`, or give this one another name", before.id));
        }
    }
}
