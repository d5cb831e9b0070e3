//! Resources with data that a change deletes or replaces.

use crate::check::cfn::{Resource, Template};
use crate::check::{Change, Pair};
use crate::check::{Report, rule};
use crate::impact::{Replacement, is_stateful, replacements};

rule! {
    DATA_LOST = Error "change/data-lost";
    summary: "a change deletes or replaces a resource that holds data";
    explanation: "A bucket, a database, a key or a zone that leaves its template is deleted with what is in it, unless the `DeletionPolicy` that is *deployed* keeps it; one whose property cannot be changed is replaced by an empty one. Renaming a logical id, or turning off the feature that brought the resource, does it too. What is kept by `Retain` stays in the account, and nothing manages it any more: import it into its new place.";
    wrong: "
        --- # before/backup/template.yaml
        Resources:
          Backups: {Type: AWS::S3::Bucket, Properties: {BucketName: prod-backups}}
        --- # after/backup/template.yaml
        Resources:
          Backup: {Type: AWS::S3::Bucket, Properties: {BucketName: prod-backup}}
    ";
    right: "
        --- # before/backup/template.yaml
        Resources:
          Backups: {Type: AWS::S3::Bucket, Properties: {BucketName: prod-backups}}
        --- # after/backup/template.yaml
        Resources:
          Backups:
            Type: AWS::S3::Bucket
            DeletionPolicy: Retain
            UpdateReplacePolicy: Retain
            Properties: {BucketName: prod-backups, VersioningConfiguration: {Status: Enabled}}
    ";
}

pub(super) fn check(change: &Change<'_>, report: &mut Report) {
    for (old, new) in change.templates() {
        for resource in old.resources().iter().filter(|resource| is_stateful(resource.kind)) {
            if new.is_none_or(|new| new.resource(resource.id).is_none()) {
                removed(change, old, new, resource, report);
            }
        }
    }
    let stateful = |it: &Replacement<'_, '_>| is_stateful(it.pair.new.kind);
    for Replacement { pair, property, old, new, .. } in replacements(change).into_iter().filter(stateful) {
        let Pair { new: resource, .. } = pair;
        let place = new.as_ref().unwrap_or(&resource.node);
        let what = format!("`{}` is replaced by an empty one: its `{property}` cannot be changed", resource.id);
        let draft = report.at(&DATA_LOST, place, what);
        draft.label(format!("a new `{}` is made for this", resource.kind));
        if let Some(old) = old {
            draft.beside(change.was(&old), "the data lies in this one");
        }
        draft.help("leave it as it was; or make a second one beside it, move the data, and remove this one later");
    }
}

/// A resource that its template does not have any more.
fn removed(
    change: &Change<'_>,
    old: &Template<'_>,
    new: Option<&Template<'_>>,
    resource: &Resource<'_>,
    report: &mut Report,
) {
    let Resource { id, kind, node } = resource;
    let policy = node.text_at(["DeletionPolicy"]);
    let template = old.document.path;
    // CloudFormation's own default for these two.
    let is_snapshot = policy.is_none()
        && (*kind == "AWS::RDS::DBCluster"
            || (*kind == "AWS::RDS::DBInstance" && resource.property("DBClusterIdentifier").is_none()));
    if matches!(policy, Some("Retain" | "RetainExceptOnCreate" | "Snapshot")) || is_snapshot {
        return;
    }
    let draft = report.elsewhere(
        &DATA_LOST,
        change.was(node),
        format!("`{id}` and the data in it are deleted: `{template}` has it no more"),
    );
    draft.label(format!("this `{kind}` is deployed, and nothing keeps it")).subject(change.old_subject(node));
    // The same resource under another id, or in another stack.
    let elsewhere = change.new_tree().templates().iter().flat_map(Template::resources).find(|other| {
        other.kind == *kind && other.properties().map(|it| it.value) == resource.properties().map(|it| it.value)
    });
    let is_here = |other: &Resource<'_>| new.is_some_and(|new| new.resource(other.id).is_some());
    match elsewhere {
        Some(other) if is_here(other) => {
            draft.also(&other.node, "to CloudFormation this is another resource");
            draft.help(format!("keep the logical id `{id}`: a resource cannot be given another one"));
        }
        Some(other) => {
            draft.also(&other.node, "it is made anew here, empty");
            draft.help(
                "deploy it with `DeletionPolicy: Retain` first; then take it out and import it into the other stack",
            );
        }
        None => {
            draft.help("deploy it with `DeletionPolicy: Retain` first, if the data matters; then take it out");
        }
    }
}
