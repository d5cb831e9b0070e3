//! Findings about the tree: paths, collisions, files edited by hand.

rules! {
    UNSAFE_PATH = Error "output/unsafe-path", "an artifact's path that not every file system takes",
        "The path of an artifact is often made from a value, and must not lead out of the tree, hide a file or mean something else on another system. What a name may hold says `template/output-path`.";
    COLLISION = Error "output/collision", "two artifacts that cannot both exist",
        "Two templates, or two items of one template by a value in `output`, make the same path; or one makes a file where the other needs a folder; or the paths differ only in upper and lower case, so that some file systems would keep only one. Which of them won would depend on luck. Change the `output` of one.";
    ARTIFACT_TOO_LARGE = Error "output/artifact-too-large", "an artifact is larger than any consumer takes",
        "An artifact may have 8 MiB. Kubernetes refuses objects of about that size and CloudFormation templates much smaller ones; a larger artifact is nearly always a loop that runs too often.";
    TREE_TOO_LARGE = Error "output/tree-too-large", "all artifacts of an environment together are too large",
        "A tree may have 256 MiB. More is nearly always a loop that runs too often.";
    WRITTEN_OUT = Warning "output/written-out", "a region or an account is written out in a template, and the environment has another",
        "A template serves all environments, so what is written out in it is right for one of them. Regions are judged in ARNs, in names of zones, in addresses of AWS's services, and in values and variables such as `awsRegion` and `AWS_REGION`; accounts in annotations by which pods get a role, and load balancers a certificate or a web ACL. What is meant to lie elsewhere becomes a value of the environment: whatever region or account an environment has among its values is right in all of its files. What stands in a map below a region's name is let alone. `us-east-1`, where global services live, is only told where a program is given it as its own region. An environment without any region, or without any account, is not judged for it.";
    HAND_EDITED = Error "output/hand-edited", "a file that platc wrote was changed by hand",
        "Rendering would throw the change away, and the next person to render would not know that it had been there. The finding shows the change as a diff between what platc renders now and what the file holds. Move the change into the environment or the template, or restore the file, or let `--overwrite-edits` replace it. A file that was deleted by hand is not an edit: it is written again.";
    FOREIGN_FILE = Error "output/foreign-file", "something that platc did not write is in an artifact's place",
        "platc never overwrites or removes what it did not write. Move the file away, or change the `output` of the template that wants its place.";
    DIFFERS = Error "output/differs", "a committed tree is not what its environment compiles to",
        "`platc golden` and `platc render --check` hold trees against what environments compile to. As text they show the difference itself; in formats that hold findings only, each file that differs is one. If the difference is meant, `platc golden --accept` or `platc render` makes the tree anew.";
    EMPTY = Error "output/empty", "an environment makes no file at all",
        "The tree of an environment that makes nothing would be emptied, and a GitOps controller would remove everything that it describes. It is hardly ever meant: a `when` that is never true, a list that is empty, a folder of templates that is not there. `--allow-empty` says that it is.";
    MANIFEST = Error "output/manifest", "the list of what platc wrote is damaged or wrong",
        "`.platc/manifest` in each tree says which files platc wrote and what they held, so that stale files are removed, and hand edits and files of others are not. `platc golden` and `platc render --check` hold it against what would be written: one that is missing, that names too few files or says something else of them is reported, and so is a file that begins with platc's own line, is not made and is not named. A merge of two branches can leave it in conflict: settle the conflict in environments and templates, then let `platc golden --accept` write it anew. Else restore it from git; or let `--overwrite-edits` replace each file that platc makes and leave all others where they are; or remove the whole tree and render it again.";
    TRACKED_LEFTOVER = Error "output/tracked-leftover", "git tracks what a run leaves beside a tree",
        "While platc writes a tree, a stage, a journal and a lock stand beside it: `.prod.platc-stage`, `.prod.platc-journal`, `.prod.platc-lock`, sometimes `.prod.platc-old`. They are removed again and mean nothing to others. One that was committed is a mistake, or somebody's attempt to have the next run take it for its own. Looked for beside golden and rendered trees, by `validate`, `golden` and `render`, which write nothing until it is gone.";
    MISREAD = Error "output/misread", "an independent reader takes a file for something else",
        "With `--verify`, a second YAML reader that shares no code with platc reads every file before anything is written. If it finds another value than the one that was meant, nothing is published. This is a mistake in platc and not in your files.";
}
