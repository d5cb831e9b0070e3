//! Groups of rules that AWS keeps for WAF.

use crate::check::{Report, View, rule};
use crate::finding::suggest::nearest;

rule! {
    WAF_GROUP = Error "cfn/waf-group";
    summary: "a web ACL names a group of AWS's rules that there is not";
    explanation: "WAF refuses the web ACL, and CloudFormation rolls the stack back. Judged by the list of AWS Managed Rules; a name that is unlike all of them is a warning, since it may be new.";
    wrong: "
        Resources:
          Acl:
            Type: AWS::WAFv2::WebACL
            Properties:
              Scope: REGIONAL
              DefaultAction: {Allow: {}}
              VisibilityConfig: {SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: web}
              Rules:
                - Name: sql
                  Priority: 0
                  Statement: {ManagedRuleGroupStatement: {VendorName: AWS, Name: AWSManagedRulesSQLInjectionRuleSet}}
                  OverrideAction: {None: {}}
                  VisibilityConfig: {SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: sql}
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
                - Name: sql
                  Priority: 0
                  Statement: {ManagedRuleGroupStatement: {VendorName: AWS, Name: AWSManagedRulesSQLiRuleSet}}
                  OverrideAction: {None: {}}
                  VisibilityConfig: {SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: sql}
    ";
}

/// docs.aws.amazon.com, "AWS Managed Rules rule groups list", looked up on 2026-11-30.
const GROUPS: [&str; 15] = [
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesAdminProtectionRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesSQLiRuleSet",
    "AWSManagedRulesLinuxRuleSet",
    "AWSManagedRulesUnixRuleSet",
    "AWSManagedRulesWindowsRuleSet",
    "AWSManagedRulesPHPRuleSet",
    "AWSManagedRulesWordPressRuleSet",
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesAnonymousIpList",
    "AWSManagedRulesBotControlRuleSet",
    "AWSManagedRulesATPRuleSet",
    "AWSManagedRulesACFPRuleSet",
    "AWSManagedRulesAntiDDoSRuleSet",
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for rules in view.resources_of("AWS::WAFv2::WebACL").filter_map(|acl| acl.property("Rules")) {
        for group in rules.under("ManagedRuleGroupStatement") {
            let Some(node) = group.get("Name").filter(|_| group.text_at(["VendorName"]) == Some("AWS")) else {
                continue;
            };
            let Some(name) = node.text().filter(|name| !GROUPS.contains(name)) else { continue };
            let draft = report.at(&WAF_GROUP, &node, format!("AWS keeps no group of rules `{name}`"));
            draft.label("WAF refuses the web ACL");
            let own = middle(name);
            let near = nearest(own, GROUPS.iter().map(|it| middle(it)));
            let begins = |it: &&&str| own.len() > 2 && middle(it).get(..3) == own.get(..3);
            match GROUPS.iter().find(|it| near == Some(middle(it))).or(GROUPS.iter().find(begins)) {
                Some(near) => draft.help(format!("did you mean `{near}`?")),
                None => draft.warning().help("see \"AWS Managed Rules rule groups list\" on docs.aws.amazon.com"),
            };
        }
    }
}

/// What is between the words that all of them begin and end with.
fn middle(name: &str) -> &str {
    name.trim_start_matches("AWSManagedRules").trim_end_matches("RuleSet")
}
