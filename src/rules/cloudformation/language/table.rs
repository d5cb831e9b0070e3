//! The functions of templates and what each takes: docs.aws.amazon.com, "Intrinsic function reference", and which stand
//! in which as cfn-lint 1.58.0 (MIT-0) has it.

/// What may stand as an argument.
pub(super) enum Argument {
    /// A text, or one of these functions.
    Text(&'static [&'static str]),
    /// A whole number from one to another, or one of these functions.
    Number(i64, i64, &'static [&'static str]),
    /// A list, or one of these functions; and what stands in it.
    List(&'static [&'static str], &'static Argument),
    /// One of these functions.
    Only(&'static [&'static str]),
    /// A map of texts or these functions.
    Map(&'static [&'static str]),
    Any,
}

pub(super) enum Form {
    One(Argument),
    /// So many at least, each of them by its place.
    Fixed(usize, &'static [Argument]),
    /// From so many to so many, all alike.
    Alike(usize, usize, Argument),
    /// A map that needs these keys and may have those.
    Keys(&'static [&'static str], &'static [&'static str]),
    /// A text by itself, or else a list.
    TextOr(&'static Form),
    /// Judged nowhere.
    Open,
}

pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) form: Form,
    /// Such as stand in conditions only.
    pub(super) is_of_conditions: bool,
    /// One that is right, for the help.
    pub(super) example: &'static str,
}

const TEXT: Argument = Argument::Text(&[]);
const LISTS: &[&str] = &["Fn::Cidr", "Fn::FindInMap", "Fn::GetAtt", "Fn::GetAZs", "Fn::If", "Fn::Split", "Ref"];
const TEXTS: &[&str] = &[
    "Fn::Base64",
    "Fn::FindInMap",
    "Fn::GetAtt",
    "Fn::GetAZs",
    "Fn::GetStackOutput",
    "Fn::If",
    "Fn::ImportValue",
    "Fn::Join",
    "Fn::Select",
    "Fn::Split",
    "Fn::Sub",
    "Ref",
];
const NETWORK: &[&str] =
    &["Fn::FindInMap", "Fn::GetAtt", "Fn::If", "Fn::ImportValue", "Fn::Select", "Fn::Sub", "Ref", "Fn::GetStackOutput"];
const CONDITIONS: &[&str] = &["Condition", "Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or"];
const COMPARED: &[&str] = &["Ref", "Fn::FindInMap", "Fn::Sub", "Fn::Join", "Fn::Select", "Fn::Split"];
const MAPPED: Argument = Argument::Text(&["Fn::FindInMap", "Ref"]);

pub(super) static FUNCTIONS: [Function; 19] = [
    Function { name: "Ref", form: Form::One(TEXT), is_of_conditions: false, example: "!Ref Topic" },
    Function {
        name: "Fn::Base64",
        form: Form::One(Argument::Text(TEXTS)),
        is_of_conditions: false,
        example: "!Base64 text",
    },
    Function {
        name: "Fn::Cidr",
        form: Form::Fixed(
            2,
            &[Argument::Text(NETWORK), Argument::Number(1, 256, NETWORK), Argument::Number(1, 128, NETWORK)],
        ),
        is_of_conditions: false,
        example: "!Cidr [10.0.0.0/16, 4, 8]",
    },
    Function {
        name: "Fn::FindInMap",
        form: Form::Fixed(3, &[MAPPED, MAPPED, MAPPED, Argument::Any]),
        is_of_conditions: false,
        example: "!FindInMap [Mapping, first, second]",
    },
    Function {
        name: "Fn::GetAtt",
        form: Form::TextOr(&Form::Fixed(2, &[TEXT, Argument::Text(&["Ref"]), TEXT, TEXT])),
        is_of_conditions: false,
        example: "!GetAtt Role.Arn",
    },
    Function {
        name: "Fn::GetAZs",
        form: Form::One(Argument::Text(&[
            "Fn::GetAtt",
            "Fn::If",
            "Fn::Join",
            "Fn::Select",
            "Fn::Sub",
            "Ref",
            "Fn::FindInMap",
        ])),
        is_of_conditions: false,
        example: "!GetAZs ''",
    },
    Function {
        name: "Fn::ImportValue",
        form: Form::One(Argument::Text(TEXTS)),
        is_of_conditions: false,
        example: "!ImportValue name",
    },
    Function {
        name: "Fn::Join",
        form: Form::Fixed(2, &[TEXT, Argument::List(LISTS, &Argument::Text(TEXTS))]),
        is_of_conditions: false,
        example: "!Join ['-', [a, b]]",
    },
    Function {
        name: "Fn::Select",
        form: Form::Fixed(
            2,
            &[Argument::Number(0, i64::MAX, &["Ref", "Fn::FindInMap"]), Argument::List(LISTS, &Argument::Any)],
        ),
        is_of_conditions: false,
        example: "!Select [0, [a, b]]",
    },
    Function {
        name: "Fn::Split",
        form: Form::Fixed(2, &[TEXT, Argument::Text(TEXTS)]),
        is_of_conditions: false,
        example: "!Split [',', text]",
    },
    Function {
        name: "Fn::Sub",
        form: Form::TextOr(&Form::Fixed(2, &[TEXT, Argument::Map(TEXTS)])),
        is_of_conditions: false,
        example: "!Sub 'arn:${AWS::Partition}:…'",
    },
    Function {
        name: "Fn::If",
        form: Form::Fixed(3, &[TEXT, Argument::Any, Argument::Any]),
        is_of_conditions: false,
        example: "!If [Condition, then, otherwise]",
    },
    Function {
        name: "Fn::Equals",
        form: Form::Alike(2, 2, Argument::Text(COMPARED)),
        is_of_conditions: true,
        example: "!Equals [!Ref Stage, prod]",
    },
    Function {
        name: "Fn::And",
        form: Form::Alike(2, 10, Argument::Only(CONDITIONS)),
        is_of_conditions: true,
        example: "!And [!Condition A, !Condition B]",
    },
    Function {
        name: "Fn::Or",
        form: Form::Alike(2, 10, Argument::Only(CONDITIONS)),
        is_of_conditions: true,
        example: "!Or [!Condition A, !Condition B]",
    },
    Function {
        name: "Fn::Not",
        form: Form::Alike(1, 1, Argument::Only(CONDITIONS)),
        is_of_conditions: true,
        example: "!Not [!Condition A]",
    },
    Function {
        name: "Fn::GetStackOutput",
        form: Form::Keys(&["StackName", "OutputName"], &["Region", "RoleArn"]),
        is_of_conditions: false,
        example: "Fn::GetStackOutput: {StackName: network, OutputName: VpcId}",
    },
    Function { name: "Fn::Transform", form: Form::Open, is_of_conditions: false, example: "" },
    Function { name: "Fn::Include", form: Form::Open, is_of_conditions: false, example: "" },
];

/// Those of rules about parameters, which stand in a section of their own, and those that come with a transform.
pub(super) const WITH_TRANSFORM: [&str; 2] = ["Fn::Length", "Fn::ToJsonString"];
