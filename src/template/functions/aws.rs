//! Amazon resource names.

use minijinja::value::Value;

use super::{Call, Function, Run, Section, Usage};
use crate::template::refusal::Refusal;

pub(super) static SECTION: Section = Section {
    title: "Amazon resource names",
    functions: &[
        Function {
            name: "arn",
            usage: Usage::Function,
            signature: "service, resource, region='', account='', partition='aws'",
            about: "An ARN of its parts. An account has twelve digits.",
            examples: &[
                ("arn('iam', 'role/x', account='012345678901')", "'arn:aws:iam::012345678901:role/x'"),
                ("arn('s3', 'bucket')", "'arn:aws:s3:::bucket'"),
            ],
            run: Run::Own(arn),
        },
        Function {
            name: "arn_parse",
            usage: Usage::Both,
            signature: "arn",
            about: "The parts of an ARN.",
            examples: &[(
                "arn_parse('arn:aws:eks:eu-west-1:012345678901:cluster/a:b')",
                "{partition: aws, service: eks, region: eu-west-1, account: '012345678901', resource: 'cluster/a:b'}",
            )],
            run: Run::Own(arn_parse),
        },
    ],
};

fn arn(call: &mut Call<'_, '_, '_>) -> Result<Value, Refusal> {
    let (service, resource) = (call.text("service")?, call.text("resource")?);
    let region = call.optional_text("region")?.unwrap_or_default();
    let account = call.optional_text("account")?.unwrap_or_default();
    let partition = call.optional_text("partition")?.unwrap_or_else(|| "aws".into());
    if let Some(fault) = fault([&partition, &service, &region, &account, &resource]) {
        return call.refuse(fault);
    }
    Ok(Value::from(format!("arn:{partition}:{service}:{region}:{account}:{resource}")))
}

/// What is wrong with the parts of an ARN, in their order.
fn fault([partition, service, region, account, resource]: [&str; 5]) -> Option<String> {
    let word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !partition.starts_with("aws") || !word(partition) {
        return Some(format!("`{partition}` is not a partition such as `aws` or `aws-cn`"));
    }
    if service.is_empty() || !word(service) {
        return Some(format!("`{service}` is not the name of a service"));
    }
    if !word(region) {
        return Some(format!("`{region}` is not a region"));
    }
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    if !account.is_empty() && account != "aws" && !is_account {
        return Some(format!("`{account}` is not an account: it has twelve digits"));
    }
    resource.is_empty().then(|| "the resource is empty".to_owned())
}

fn arn_parse(call: &mut Call<'_, '_, '_>) -> Result<Value, Refusal> {
    let text = call.text("arn")?;
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [prefix, partition, service, region, account, resource] = parts[..] else {
        return call.refuse(format!("`{text}` is not an ARN: it has six parts between colons"));
    };
    if prefix != "arn" {
        return call.refuse(format!("`{text}` is not an ARN: it begins with `arn:`"));
    }
    if let Some(fault) = fault([partition, service, region, account, resource]) {
        return call.refuse(fault);
    }
    let parts = [
        ("partition", partition),
        ("service", service),
        ("region", region),
        ("account", account),
        ("resource", resource),
    ];
    Ok(Value::from_pairs(parts))
}
