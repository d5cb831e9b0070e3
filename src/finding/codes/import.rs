//! Making schemas of what others publish.

rules! {
    NOT_RECOGNISED = Error "import/not-recognised",
        "a file describes neither a custom resource, a chart, a resource type nor Kubernetes' own kinds",
        "`platc schema import` reads custom resource definitions (YAML, several in one file, or a `List`), schemas of \
         custom resources named `group_Kind_version.json`, the definitions of a release of Kubernetes, charts as folders \
         or packed (`.tgz`), a chart's `values.yaml` or `values.schema.json` with `--name`, and schemas of CloudFormation's registry. In a \
         folder, files of other kinds are passed over; a file that is named must be one of them.";
    UNUSABLE = Error "import/unusable",
        "something to import lacks what a schema needs",
        "A definition without a schema, a chart without a name or in an archive that is damaged or leads out of itself, a name that cannot be a file's, or a rule that is not \
         CEL: nothing could be judged by what would be written, so it is not written. The rest of the import is.";
    EDITED = Error "import/edited",
        "a schema file that an import would replace was not written by one, or was edited since",
        "The head of an imported schema holds a digest of the rest. Edits would be lost with the next version of a chart \
         or a definition: bring what you miss to its makers, or choose a severity for the rule in `platc.yaml`. `--force` replaces the file.";
}
