//! Findings of merging layers.

rules! {
    NOT_A_MAP = Error "merge/not-a-map", "a file of an environment does not hold a map",
        "An environment is a map from keys to values. A list or a single value at the top of a file has no name under which it could be used.";
    NOT_VALUES = Error "merge/not-values", "the file of a layer holds an object of Kubernetes",
        "A layer holds values, and templates make objects of them. A `kustomization.yaml` in the folder of an environment, or a manifest there, would be read as settings of that name. Where the schema itself speaks of `apiVersion`, nothing is said.";
    ENCRYPTED = Error "merge/encrypted", "a value of an environment is encrypted by SOPS",
        "platc decrypts nothing, and has no keys. A value that SOPS encrypted would be rendered as the text `ENC[…]`, and nothing could decrypt it there, since what SOPS knows of it stands in the block `sops` of the layer, which is not rendered. Name where a secret is, and let an operator bring it into the cluster. A manifest that SOPS encrypted as a whole is copied as it lies, and decrypted by Flux or by a plugin of Argo CD.";
    UNRESOLVED = Warning "merge/unresolved-reference", "a value of an environment is a reference that vals would follow",
        "Helmfile and vals replace `ref+vault://…` and its like by what stands there; platc looks nothing up, and templates get this text. If vals reads what is rendered, acknowledge it.";
    FILES_DISAGREE = Error "merge/files-disagree", "two files of one layer set the same value",
        "The files of a layer are a union without order, so neither can win. Set the value in one of them.";
    NO_VALUE = Error "merge/no-value", "a key has no value",
        "YAML reads a key without a value as null, and null deletes what layers below have set: a map whose entries were all commented out would delete the map. Write `null` to delete, `{}` for an empty map, `[]` for an empty list, `\"\"` for an empty string.";
    TAG = Error "merge/tag", "a value of an environment has a tag",
        "Tags such as `!Ref` belong into templates. A value of an environment is plain data.";
    BAD_PATCH = Error "merge/bad-patch", "`$patch` is used in a way that has no meaning",
        "`$patch: delete` deletes the map it stands in, and stands alone, except for the keys that tell which item of a list is meant. `$patch: replace` makes the map replace what lies below instead of merging with it. As an item of its own, `- $patch: replace` makes the list replace what lies below. It has no meaning in a list of which the schema gives no keys: such a list is always replaced as a whole.";
    MISSING_MERGE_KEY = Error "merge/missing-merge-key", "an item lacks the key by which its list merges",
        "The schema says by which keys the items of this list are told apart (`x-kubernetes-list-map-keys`). Without them it is not known which item is meant.";
    DUPLICATE_ITEM = Error "merge/duplicate-item", "a list has the same item twice",
        "The schema says that items of this list are told apart by some keys, or are a set. Two items with the same keys would be merged into one.";
    TYPE_CHANGE = Error "merge/type-change", "an overlay turns a map into something else, or back",
        "A layer that sets a scalar where another holds a map throws away everything below it. It is nearly always a slip of indentation. Where the schema allows both it is not an error; `$patch: replace` in a map says that it is meant. The same is said of what `merge` in front matter lays over a document, unless the map or the list that goes is empty.";
    DELETE_NOTHING = Error "merge/delete-nothing", "a layer deletes what no layer below has set",
        "A delete that hits nothing is misspelt or left over: what it once deleted has another name now, or is gone.";
    REPLACE_NOTHING = Warning "merge/replace-nothing", "`$patch: replace` stands where no layer below has set anything",
        "What it was to replace has another name now, or is gone: where it was misspelt, what it means stays in force under the right name. Without `$patch`, the map would be the same. Of a layer that several environments have it is said where it replaces nothing in any of them.";
    REDUNDANT = Warning "merge/redundant", "a layer sets a value to what it is already",
        "The override has no effect today, and will hide a change of the layer below tomorrow. Remove it.";
    LOST_ITEMS = Warning "merge/lost-items", "a list takes the place of another and loses items of it",
        "Lists are replaced as a whole where the schema does not say that they merge, so an overlay that means to add an item drops all others, and one that means to change a container drops its image. What `merge` in front matter lays over a document does the same to the lists of the template. An item that has the same `name`, `id` or `host` and loses a key is told as well. It is said of lists of maps, of lists of such lists, and of flags and settings in lists of texts (`--v=2`, `LOG=debug`), where the schema is silent and the new list is neither empty nor does it only leave items out; one item that takes the place of another is said where both have a `name`, an `id`, a `key` or a `host`, or where it only has fewer keys. Other texts and numbers are a choice. Where it is meant, acknowledge it.";
    RESERVED_KEY = Error "merge/reserved-key", "an environment sets a key whose name is taken",
        "In templates, `platc` is what platc says of the run: `platc.environment` is the name of the environment. A value that an environment sets under that name would reach no template, and nothing would say so. It is taken at the root of an environment only.";
    BAD_SET = Error "merge/bad-set", "the argument of `--set` cannot be read",
        "`--set` takes `path=value`: a path as messages print it, `karpenter.limits.cpu=64`, and a value written as in YAML. `null` deletes.";
}
