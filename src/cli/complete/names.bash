
# Beside commands and options: the environments and rules of the project.
_platc_with_names() {
    _platc "$@"
    local word names=
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case "$word" in
            render | validate | diff | golden | compare | images | modeline | set | unset | promote) names=environments ;;
            rules) names=rules ;;
        esac
    done
    case "$3" in
        -a | --against) ;;
        -C | --project | -j | --jobs | -o | --out-dir | -U | --context) return 0 ;;
        --format | --color | --only | --set | --layer | --as-of | --schema) return 0 ;;
    esac
    [[ -n $names && $2 != -* ]] || return 0
    COMPREPLY+=($(compgen -W "$(platc completions --names "$names" 2>/dev/null)" -- "$2"))
}
complete -F _platc_with_names -o bashdefault -o default platc
