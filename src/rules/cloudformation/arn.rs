//! Amazon resource names that are written out, or with nothing but AWS' own names in them.

use crate::check::{Node, Report, Signs, View, rule};

rule! {
    ARN = Error "cfn/arn";
    summary: "an ARN that is of nothing: its account, region or partition cannot be";
    explanation: "An account id has twelve digits; one that lost its leading zero as a number, or is of another length, names nobody. Names of IAM have no region, and names of buckets and their objects neither region nor account. Partitions are `aws`, `aws-cn`, `aws-us-gov` and a few others. AWS takes a policy with such an ARN without complaint; it allows nothing, and a trust lets nobody in.";
    wrong: "
        Resources:
          Policy:
            Type: AWS::IAM::ManagedPolicy
            Properties: {PolicyDocument: {Statement: [{Effect: Allow, Action: sts:AssumeRole, Resource: 'arn:aws:iam::12345678901:role/reader'}]}}
    ";
    right: "
        Resources:
          Policy:
            Type: AWS::IAM::ManagedPolicy
            Properties: {PolicyDocument: {Statement: [{Effect: Allow, Action: sts:AssumeRole, Resource: 'arn:aws:iam::012345678901:role/reader'}]}}
    ";
}

/// docs.aws.amazon.com, "AWS Fault Isolation Boundaries": partitions, those of the isolated regions among them.
const PARTITIONS: [&str; 8] =
    ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

/// Stands for the name of the region, which is not known.
const REGION: &str = "region";

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates() {
        let texts = template.document.root().texts_with(Signs::of(b":"));
        for (node, text) in texts.filter(|(_, text)| text.starts_with("arn:")) {
            // The names in a text of `Fn::Sub` hold colons of their own.
            let plain = text.replace("${AWS::Partition}", "aws").replace("${AWS::AccountId}", "*");
            let plain = plain.replace("${AWS::Region}", REGION);
            if !plain.contains("${") {
                judge(&plain, &fields(text), &node, report);
            }
        }
    }
}

/// The parts of an ARN as they are written: a name of `Fn::Sub` is a part of one.
fn fields(text: &str) -> Vec<&str> {
    let mut within = false;
    let ends = |letter: char| {
        within = (within || letter == '{') && letter != '}';
        letter == ':' && !within
    };
    text.splitn(6, ends).collect()
}

fn judge(arn: &str, written: &[&str], node: &Node<'_>, report: &mut Report) {
    let text = node.text().unwrap_or_default();
    let field = |number: usize| written.get(number).copied().unwrap_or_default();
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, partition, service, region, account, resource] = parts.as_slice() else { return };
    let (partition, service, region, account) = (*partition, *service, *region, *account);
    let is_digits = !account.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit());
    if is_digits && account.len() != 12 {
        report
            .at(
                &ARN,
                node,
                format!("`{account}` in this ARN of {service} is no account: it has {} digits", account.len()),
            )
            .about(text, field(4))
            .help("an account id has twelve digits; keep it as text, since it may begin with a zero");
    }
    if !PARTITIONS.contains(&partition) && !partition.contains(['*', '?']) && !partition.is_empty() {
        report
            .at(&ARN, node, format!("`{partition}` in this ARN of {service} is no partition of AWS"))
            .about(text, field(1))
            .help("write `aws`, or `${AWS::Partition}` in a text for `Fn::Sub`");
    }
    // Whatever else S3 has is of a region and an account.
    let others = ["accesspoint", "access-grants", "async-request", "job/", "storage-lens", "*"];
    let is_bucket = service == "s3" && !others.iter().any(|kind| resource.starts_with(kind));
    if (service == "iam" || is_bucket) && !region.is_empty() && !region.starts_with('*') {
        let region = if region == REGION { "${AWS::Region}" } else { region };
        report
            .at(&ARN, node, format!("an ARN of {service} has no region, and this has `{region}`"))
            .about(text, field(3))
            .help("leave the place of the region empty");
    } else if is_bucket && is_digits {
        report
            .at(&ARN, node, format!("an ARN of a bucket has no account, and this has `{account}`"))
            .about(text, field(4))
            .help("leave the place of the account empty");
    }
}
