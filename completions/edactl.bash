# bash completion of edactl: eval "$(edactl completion bash)"
_edactl() {
    local line="${COMP_LINE:0:COMP_POINT}" current IFS=$' \t\n'
    local words=($line)
    [[ $line == *[[:space:]] ]] && words+=("")
    current="${words[${#words[@]}-1]}"
    IFS=$'\n'
    COMPREPLY=($(edactl __complete "${words[@]:1}" 2>/dev/null))
    # bash breaks words at colons: give back only what follows the last one
    if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
        local typed="${current%"${current##*:}"}" i
        for i in "${!COMPREPLY[@]}"; do COMPREPLY[i]="${COMPREPLY[i]#"$typed"}"; done
    fi
}
complete -o default -F _edactl edactl
