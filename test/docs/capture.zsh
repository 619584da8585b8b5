# What zsh's completion offers: for each line a line "hit:WORD:" a candidate. Arguments: the folder zsh was unpacked in,
# the folder of _holdfast, the program, then the lines.
tree=$1; mine=$2; shell=$3; shift 3
module_path=($tree/usr/lib/*/zsh/5.9)
zmodload zsh/zpty || exit 3
zpty inner "$shell -f -i"
zpty -w inner "PROMPT='>'; RPROMPT=; module_path=($module_path); fpath=($mine $tree/usr/share/zsh/functions/**/*(/N)); setopt no_beep no_list_beep no_auto_menu"
zpty -w inner "autoload -Uz compinit && compinit -u -D; compadd() { [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]] && { builtin compadd \"\$@\"; return; }; local -a hits; builtin compadd -A hits \"\$@\"; builtin compadd \"\$@\"; local code=\$?; (( \$#hits )) && print -rl -- hit:\$^hits:; return code }"
zpty -w inner "done-word() { print -r -- end:; BUFFER= }; zle -N done-word; bindkey '^X' done-word; unset zle_bracketed_paste; print rea''dy:"
zpty -r inner out '*ready:*'
for line; do
  print -r -- "line:$line"
  zpty -w -n inner "$line"$'\t\x18'
  zpty -r inner out '*end:*'
  print -r -- ${${(M)${(f)out}:#*hit:*}//$'\r'/}
done
zpty -d inner
