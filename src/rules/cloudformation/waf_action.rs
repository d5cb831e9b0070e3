//! What a rule of WAF does with a request.

use crate::check::{Node, Report, View, rule};

rule! {
    WAF_ACTION = Error "cfn/waf-action";
    summary: "a rule of WAF has the action of another kind of rule";
    explanation: "A rule that refers to a group of rules has `OverrideAction`, since the rules of the group have actions of their own; every other rule has `Action`. WAF refuses a rule with the other one, with both, or with none.";
    wrong: "
        Resources:
          Acl:
            Type: AWS::WAFv2::WebACL
            Properties:
              Scope: REGIONAL
              DefaultAction: {Allow: {}}
              VisibilityConfig: {SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: web}
              Rules:
                - Name: common
                  Priority: 0
                  Statement: {ManagedRuleGroupStatement: {VendorName: AWS, Name: AWSManagedRulesCommonRuleSet}}
                  Action: {Block: {}}
                  VisibilityConfig: {SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: common}
    ";
    right: "
        Resources:
          Acl:
            Type: AWS::WAFv2::WebACL
            Properties:
              Scope: REGIONAL
              DefaultAction: {Allow: {}}
              VisibilityConfig: {SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: web}
              Rules:
                - Name: common
                  Priority: 0
                  Statement: {ManagedRuleGroupStatement: {VendorName: AWS, Name: AWSManagedRulesCommonRuleSet}}
                  OverrideAction: {None: {}}
                  VisibilityConfig: {SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: common}
    ";
}

/// Statements that refer to rules with actions of their own.
const GROUPS: [&str; 2] = ["ManagedRuleGroupStatement", "RuleGroupReferenceStatement"];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for kind in ["AWS::WAFv2::WebACL", "AWS::WAFv2::RuleGroup"] {
        for rules in view.resources_of(kind).filter_map(|it| it.property("Rules")) {
            rules.items().iter().for_each(|rule| of_rule(rule, report));
        }
    }
}

fn of_rule(rule: &Node<'_>, report: &mut Report) {
    let Some(statement) = rule.get("Statement") else { return };
    // What a function makes of it is not known.
    let [(name, _)] = &statement.entries()[..] else { return };
    if name.starts_with("Fn::") || rule.entries().iter().any(|(key, _)| key.starts_with("Fn::")) {
        return;
    }
    let is_group = GROUPS.contains(name);
    let (right, wrong) = if is_group { ("OverrideAction", "Action") } else { ("Action", "OverrideAction") };
    let what = if is_group { "refers to a group" } else { "refers to no group" };
    let help = if is_group { "write `OverrideAction: {None: {}}`" } else { "write `Action`, such as `{Block: {}}`" };
    if let Some(place) = rule.get(wrong) {
        report
            .at(&WAF_ACTION, &place, format!("a rule that {what} has no `{wrong}`"))
            .about_key()
            .also(&statement, "its statement")
            .help(help);
    } else if rule.get(right).is_none() {
        report.at(&WAF_ACTION, rule, format!("a rule that {what} needs `{right}`")).help(help);
    }
}
