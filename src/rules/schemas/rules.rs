//! What can be wrong with an artifact in the eyes of the schema it should hold to.

use crate::finding::Rule;

macro_rules! rules {
    ($($name:ident = $severity:ident $id:literal, $summary:literal, $explanation:literal;)*) => {
        $(
            #[doc = $summary]
            pub(super) static $name: Rule = Rule {
                id: $id,
                severity: crate::finding::Severity::$severity,
                summary: $summary,
                explanation: $explanation,
                example: None,
                configurable: true,
            };
        )*

        pub(super) static ALL: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    UNKNOWN_TYPE = Error "cfn/unknown-type",
        "a resource has a type that CloudFormation does not have",
        "The name is misspelt. Judged by a table of CloudFormation's registry and by the types whose schemas are imported; custom resources, modules and nested stacks never are. A name that is near to none of them may be new: that is `cfn/newer`.";
    UNKNOWN_PROPERTY = Error "cfn/unknown-property",
        "a resource sets a property that its type does not have",
        "CloudFormation refuses the change set, or worse, takes the stack half through an update before it does. Judged by the type's schema, at every depth; the keys of a property that takes any map are free.";
    READ_ONLY_PROPERTY = Error "cfn/read-only-property",
        "a resource sets a property that only CloudFormation sets",
        "The value is known after the resource is made. Read it with `Fn::GetAtt`.";
    MISSING_PROPERTY = Error "cfn/missing-property",
        "a resource lacks a property that its type requires",
        "CloudFormation refuses the resource. Judged by the type's schema, at every depth, for properties that are always required, required together with another, or of which one is needed.";
    CONFLICT = Error "cfn/conflicting-properties",
        "a resource sets two properties that exclude each other",
        "The type's schema says that only one of them may be there. A property that is set by `Fn::If` counts as absent, since it may be `AWS::NoValue`.";
    PROPERTY_TYPE = Error "cfn/type",
        "a property has a value of another type than its schema says",
        "CloudFormation turns numbers, booleans and their texts into each other, so `443` and `\"443\"` are the same; a list, a map and a scalar are not. Intrinsic functions are taken for values of any type, and both branches of `Fn::If` are judged.";
    PROPERTY_ENUM = Error "cfn/enum",
        "a property has none of the values that its type allows",
        "The type's schema lists the values. AWS adds new ones now and then: import the schema again before you doubt the value. By the built-in table only what is near to a known value is an error, and anything else `cfn/newer`.";
    NEWER_PROPERTY = Warning "cfn/newer",
        "a type, a property or a value that is not in the table of CloudFormation's registry",
        "It may be new, or misspelt: nobody can know here, and what is near to a known name is an error. Import the type's schema with `platc schema import`; it counts instead of the table.";
    PATTERN = Error "cfn/pattern",
        "a text has not the form that its property asks for",
        "The pattern stands in the type's schema: an id, an ARN, the letters of a name. What functions and dynamic references put in is not judged.";
    BOUNDS = Error "cfn/bounds",
        "a number, a text or a list is outside of the bounds of its property",
        "Least and most numbers, lengths of texts and counts of items stand in the type's schema. What a condition may take away is not counted as too many.";
    UNIQUE = Error "cfn/unique",
        "a list has an item twice where each may be there once",
        "The type's schema asks for different items, and the service refuses the list.";
    REFERENCE = Error "cfn/reference",
        "a property that names one kind of thing refers to another",
        "A subnet where a VPC is asked for, or the name of a role where its ARN is: `Ref` gives what identifies a resource, and `Fn::GetAtt` the rest. Judged where the types' schemas say what a property names and what the reference gives.";
    GETATT_ATTRIBUTE = Error "cfn/getatt-attribute",
        "`Fn::GetAtt` or `Fn::Sub` asks a resource for an attribute that its type does not have",
        "The template is refused when it is deployed. Attributes are the read-only properties of the type's schema and those that can be set.";
    UNKNOWN_KEY = Error "helm/unknown-key",
        "a values file sets a key that the chart does not know",
        "Helm ignores it in silence, and what was meant stays at its default. Which chart in which version a file belongs to is read from the Argo CD or Flux object that names the file, or else from the chart's name among the file's folders. Maps that a chart leaves empty, labels, selectors, resources and the like take any key.";
    VALUE_TYPE = Error "helm/type",
        "a value has another type than the chart's default",
        "The chart's templates are written for the type of the default: a string where a list is expected renders something nobody meant, mostly without an error.";
    VALUE_SCHEMA = Error "helm/schema",
        "a value breaks the schema that its chart brings along",
        "Helm itself refuses such values when it renders the chart, which with GitOps is after the merge. What the schema requires is left out, since the chart's defaults may have it.";
    VALUES_TEXT = Error "helm/values-text",
        "the values of a chart stand in a text that cannot be read",
        "Argo CD hands `helm.values` on to Helm as the text that it is. If that is not YAML, or not a map, the application cannot be rendered, which shows after the merge only. What can be read is judged like a values file; so are `helm.parameters`.";
    CHART_NOT_IMPORTED = Warning "helm/version-not-imported",
        "a chart is pinned to a version of which no schema is imported, though there are schemas of other versions",
        "After an upgrade the keys of the new version are what counts, and judging by the old ones would be worse than nothing. Import the new version's chart with `platc schema import`.";
    UNKNOWN_FIELD = Error "kubernetes/unknown-field",
        "an object has a field that its kind does not know",
        "The API server drops it in silence, or refuses the object where fields are validated strictly. Judged by the kind's imported schema; Kubernetes' own kinds, of which none is imported, by a table of Kubernetes 1.35, and kinds of Argo CD 3.4, Flux 2.8 and a dozen operators by tables of their definitions, where only what is near to a known field is an error, and anything else `kubernetes/newer`.";
    UNKNOWN_KIND = Error "kubernetes/unknown-kind",
        "an object of a kind that Kubernetes does not have",
        "A misspelt `kind`, or an `apiVersion` that has no such kind: the API server refuses the object, and the sync fails for all that come with it. Judged in the groups of Kubernetes' own kinds, by a table of Kubernetes 1.35; what custom resource definitions add lies in groups of its own. In those of Argo CD and Flux only what is nearly one of their kinds is told: others have kinds there as well. Versions that were served once are the matter of `lifecycle/removed-api`. A kind whose definition is imported is one.";
    NEWER = Warning "kubernetes/newer",
        "a kind, a field or a word that is not in the built-in tables, where what is deployed to may be newer",
        "It may be new, or misspelt: nobody can know here. Of Kubernetes this is said for a cluster that is newer than the table; of Argo CD, Flux and operators such as Karpenter or Cilium, whose version nobody tells, of each field or word that is near to no known one. Import the definitions of what you run with `platc schema import`; they count instead of the tables.";
    OBJECT_SCHEMA = Error "kubernetes/schema",
        "a field of an object has a value that its kind does not allow",
        "Types, required fields, allowed values, limits and patterns of the kind's imported schema, or of a built-in table: what the API server would refuse. By the table, what is required is judged in items of lists only.";
    OBJECT_RULE = Error "kubernetes/rule",
        "an object breaks a rule of its custom resource definition",
        "Rules in CEL (`x-kubernetes-validations`) that the API server evaluates when the object is applied. Defaults of the definition are in place, as there. Rules that compare with an earlier state are not evaluated.";
}
