
# Beside commands and options: the environments and rules of the project.
for command in render validate diff golden compare images modeline set unset promote
    complete -c platc -n "__fish_seen_subcommand_from $command" -a "(platc completions --names environments 2>/dev/null)"
end
complete -c platc -n "__fish_seen_subcommand_from rules" -f -a "(platc completions --names rules 2>/dev/null)"
