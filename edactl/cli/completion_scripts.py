"""The completion scripts of bash, zsh and fish; `completions/` holds copies, which a test compares.

Each asks `edactl __complete` with the words of the line; no answer means: complete file names.
"""

from __future__ import annotations

BASH = """\
# bash completion of edactl: eval "$(edactl completion bash)"
_edactl() {
    local line="${COMP_LINE:0:COMP_POINT}" current IFS=$' \\t\\n'
    local words=($line)
    [[ $line == *[[:space:]] ]] && words+=("")
    current="${words[${#words[@]}-1]}"
    IFS=$'\\n'
    COMPREPLY=($(edactl __complete "${words[@]:1}" 2>/dev/null))
    # bash breaks words at colons: give back only what follows the last one
    if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
        local typed="${current%"${current##*:}"}" i
        for i in "${!COMPREPLY[@]}"; do COMPREPLY[i]="${COMPREPLY[i]#"$typed"}"; done
    fi
}
complete -o default -F _edactl edactl
"""

ZSH = """\
#compdef edactl
# zsh completion of edactl: put this file into a folder of $fpath as _edactl
_edactl() {
    local -a found
    found=("${(@f)$(edactl __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -n "${found[*]}" ]]; then
        compadd -a found
    else
        _files
    fi
}
if [[ "$funcstack[1]" == "_edactl" ]]; then
    _edactl "$@"
else
    compdef _edactl edactl
fi
"""

FISH = """\
# fish completion of edactl: edactl completion fish | source
function __edactl_complete
    set -l words (commandline -opc) (commandline -ct)
    edactl __complete $words[2..-1] 2>/dev/null
end
complete -c edactl -a '(__edactl_complete)'
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
FILE_NAMES = {"bash": "edactl.bash", "zsh": "_edactl", "fish": "edactl.fish"}
