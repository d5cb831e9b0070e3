//! Exports that go while another stack still imports them.

use crate::check::{Change, Report, rule};
use crate::impact::gone;

rule! {
    EXPORT_IN_USE = Error "change/export-in-use";
    summary: "an export is removed while the stack that is deployed imports it";
    explanation: "CloudFormation refuses to delete, or to change, an export that another stack uses. Stacks that others import from are deployed first, so taking the export and its imports out in one change fails at the first stack: take the import out, deploy, and then the export.";
    wrong: "
        --- # before/network/template.yaml
        Resources: {Vpc: {Type: AWS::EC2::VPC}}
        Outputs: {Vpc: {Value: !Ref Vpc, Export: {Name: prod-vpc}}}
        --- # before/cluster/template.yaml
        Resources: {Group: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !ImportValue prod-vpc}}}
        --- # after/network/template.yaml
        Resources: {Vpc: {Type: AWS::EC2::VPC}}
        Outputs: {Vpc: {Value: !Ref Vpc, Export: {Name: prod-vpc-id}}}
        --- # after/cluster/template.yaml
        Resources: {Group: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !ImportValue prod-vpc-id}}}
    ";
    right: "
        --- # before/network/template.yaml
        Resources: {Vpc: {Type: AWS::EC2::VPC}}
        Outputs: {Vpc: {Value: !Ref Vpc, Export: {Name: prod-vpc}}}
        --- # before/cluster/template.yaml
        Resources: {Group: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !ImportValue prod-vpc}}}
        --- # after/network/template.yaml
        Resources: {Vpc: {Type: AWS::EC2::VPC}}
        Outputs:
          Vpc: {Value: !Ref Vpc, Export: {Name: prod-vpc}}
          VpcId: {Value: !Ref Vpc, Export: {Name: prod-vpc-id}}
        --- # after/cluster/template.yaml
        Resources: {Group: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !ImportValue prod-vpc-id}}}
    ";
}

pub(super) fn check(change: &Change<'_>, report: &mut Report) {
    for it in gone(change) {
        let (export, importer) = (it.export, it.importer);
        let message = format!("the export `{}` goes while `{}` still imports it", it.name(), importer.document.path);
        let draft = report.elsewhere(&EXPORT_IN_USE, change.was(&export.name), message);
        draft.label("this is exported").subject(change.old_subject(&export.name));
        if let Some(import) = it.import {
            draft.beside(change.was(import), "and this imports it, until its stack is updated");
        }
        if let Some(new) = it.new {
            let outputs = new.document.root().get("Outputs").unwrap_or_else(|| new.document.root());
            draft.also(&outputs, "it is not exported here any more");
        }
        draft.help("keep the export until what imports it is deployed without it, and remove it then");
    }
}
