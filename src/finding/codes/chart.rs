//! Charts: what they are made of, and what they make.

rules! {
    UNUSABLE = Error "chart/unusable",
        "a chart cannot be read or installed",
        "An archive that is damaged or leads out of itself, a chart without `Chart.yaml` or with one that Helm refuses, values that \
         are no YAML, a chart that lists others which it does not bring along: Helm could not install it either. Fetch it again with \
         `helm pull`, or ask whoever made it.";
    CHANGED = Error "chart/changed",
        "a chart has another content than `charts/charts.lock` says",
        "The lock holds a digest of all files of a chart, by its name and version. Another content under the same version is a \
         mistake, or somebody's attack. If the new content is meant, `platc chart add --force` pins it.";
    UNLOCKED = Warning "chart/unlocked",
        "a chart stands in `charts` that the lock does not name",
        "Nobody would see that its content changes. `platc chart add` with its path pins it.";
    MISSING = Warning "chart/missing",
        "charts are installed that are not in `charts`, where others are",
        "What such a chart makes is not judged, and nothing else changes. Fetch it with `helm pull`, and put it there with `platc chart add`. \
         A project without any chart in `charts` hears nothing of this.";
    VALUES = Error "chart/values",
        "a chart's schema does not take a value that it gets",
        "`values.schema.json` of the chart, or of a chart within it, says which values it takes. Helm refuses others before it looks \
         at a template, and with it the deployment stops.";
    FAILS = Error "chart/fails",
        "a chart fails on the values that it gets",
        "A template of the chart stops: it demands a value (`required`), refuses a combination of values (`fail`), or works on a value of \
         another kind than it expects. Helm stops there as well, and with it the deployment.";
    NO_OBJECT = Error "chart/no-object",
        "a template of a chart makes what is no YAML",
        "The text that the template gives with these values cannot be read as an object. Helm, Argo CD and Flux refuse the whole chart for it.";
    DOUBLED_KEY = Warning "chart/doubled-key",
        "an object of a chart has a key twice",
        "Readers take the last one, or refuse the object: Helm lets it pass, Flux and server-side apply do not. Where one of the two is made from a \
         value of yours, leave the value out.";
    UNREAD_VALUE = Warning "chart/unread-value",
        "a value that no template of its chart reads",
        "Helm takes every key, and a chart ignores those that it does not know, so that a value under a misspelt or an old name has no effect and nobody \
         hears of it. Said of keys that no template looked at when the release was made, and that no template or file of the chart names.";
    RANDOM = Warning "chart/random",
        "an object of a chart is another one whenever it is rendered",
        "Argo CD renders a chart again and again. What is made by `randAlphaNum`, `genCA`, `now` and the like is another one each time: the application \
         never is in sync, and passwords and certificates change below those who use them. Most charts take a value in its place, and look for it in a \
         condition around the line.";
    LOST_HOOK = Warning "chart/lost-hook",
        "a hook of a chart names an event that Helm does not know",
        "Helm leaves such an object out without a word, so nobody ever applies it.";
}
