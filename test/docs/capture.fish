# What fish's completion offers: for each line a line "hit:WORD:" a candidate. Arguments: the folder of fish's own
# functions, the completion, then the lines.
set fish_function_path $argv[1]
source $argv[2]
for line in $argv[3..]
    echo "line:$line"
    for word in (complete -C $line | string split -f 1 \t)
        echo "hit:$word:"
    end
end
true
