//! Amazon resource names that are written out.

use crate::check::{Report, View, rule};

rule! {
    ARN = Error "cfn/arn";
    summary: "an ARN with an account that is none";
    explanation: "An account id has twelve digits. One that lost its leading zero as a number, or is of another length, names nobody: a policy with it allows nothing, and a trust lets nobody in.";
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

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates() {
        template.document.root().walk(&mut |node| {
            let Some(text) = node.text().filter(|text| text.starts_with("arn:")) else { return };
            // `${AWS::AccountId}` holds colons of its own.
            if text.contains("${") {
                return;
            }
            let parts: Vec<&str> = text.splitn(6, ':').collect();
            let [_, _, service, _, account, _] = parts.as_slice() else { return };
            let is_digits = !account.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit());
            if is_digits && account.len() != 12 {
                report
                    .at(
                        &ARN,
                        node,
                        format!("`{account}` in this ARN of {service} is no account: it has {} digits", account.len()),
                    )
                    .about(*account)
                    .help("an account id has twelve digits; keep it as text, since it may begin with a zero");
            }
        });
    }
}
