# Beside commands and options: the environments and rules of the project.
_platc_names() {
    local -a names
    names=(${(f)"$(platc completions --names $1 2>/dev/null)"})
    compadd -a names
}
_platc_environments() { _platc_names environments; _files }
_platc_rules() { _platc_names rules }

