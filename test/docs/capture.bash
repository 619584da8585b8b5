# What bash's completion offers: for each line a line "hit:WORD:" a candidate. Arguments: the completion, then the lines.
source "$1"
shift
compopt() { :; }
for line; do
  echo "line:$line"
  # As readline cuts it.
  mapfile -t COMP_WORDS < <(sed -e 's/=/\n=\n/g' <<<"$line" | tr ' ' '\n' | sed '/^$/d')
  [[ $line == *' ' || $line == *= ]] && COMP_WORDS+=('')
  [[ $line == *= ]] && unset 'COMP_WORDS[-1]'
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  _holdfast
  for word in "${COMPREPLY[@]}"; do echo "hit:$word:"; done
done
