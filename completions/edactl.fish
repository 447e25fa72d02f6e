# fish completion of edactl: edactl completion fish | source
function __edactl_complete
    set -l words (commandline -opc) (commandline -ct)
    edactl __complete $words[2..-1] 2>/dev/null
end
complete -c edactl -a '(__edactl_complete)'
