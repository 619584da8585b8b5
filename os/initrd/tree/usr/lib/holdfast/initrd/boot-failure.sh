# What is done about a boot that failed: it is written down, its entry is given up, and the next one gets its turn (P8).
# Functions over folders, so that tests can hand in their own: ESP is where the EFI system partition is mounted (empty:
# there is none), VARIABLES is efivarfs. POSIX sh as dash and busybox ash both run it; `local` is the one liberty.
# Formats: Boot Loader Specification (UAPI.1), systemd's Boot Loader Interface, the kernel's efivarfs.rst.

vendor=4a67b082-0a4c-41cf-b6c7-440b29bb8c4f
record_bytes_max=65536
entries_max=200
# A version that was good is not given up for a disk that is missing until it was missing more often than this.
missed_disks_max=3

# read_variable VARIABLES NAME: its text. Four bytes of attributes, then UTF-16; what is not ASCII matches nothing.
read_variable() {
  [ -r "$1/$2-$vendor" ] || return 1
  head -c 2052 "$1/$2-$vendor" | tail -c +5 | tr -d '\000' | tr -c '\040-\176' '?'
}

# write_variable VARIABLES NAME TEXT: for good (non-volatile, at boot and run time), in one write as efivarfs wants it,
# then read back. Existing ones are immutable until chattr says otherwise.
write_variable() {
  local rest="$3" bytes='\007\000\000\000' char
  [ -d "$1" ] || return 1
  case $rest in '' | *[!A-Za-z0-9._+~^-]*) return 1 ;; esac
  while [ -n "$rest" ]; do
    char=${rest%"${rest#?}"}
    rest=${rest#?}
    bytes="$bytes$char\\000"
  done
  [ ! -e "$1/$2-$vendor" ] || chattr -i "$1/$2-$vendor" 2>/dev/null || :
  # shellcheck disable=SC2059 # the bytes are the format
  printf "$bytes\\000\\000" | dd of="$1/$2-$vendor" bs=4096 2>/dev/null || return 1
  [ "$(read_variable "$1" "$2")" = "$3" ]
}

# split_name NAME: sets `id` (the name without its counter) and `left` (tries left; empty without a counter).
split_name() {
  local suffix=".${1##*.}" whole="${1%.*}" counter
  id=$1 left=
  case $whole in *+*) ;; *) return 0 ;; esac
  counter=${whole##*+}
  case $counter in '' | -* | *- | *-*-* | *[!0-9-]*) return 0 ;; esac
  id=${whole%+*}$suffix
  left=${counter%%-*}
  while [ "${left#0}" != "$left" ] && [ "$left" != 0 ]; do left=${left#0}; done
}

# list_entries ESP: what the loader's menu has, one path below ESP a line. Empty files and hidden ones it passes over.
list_entries() {
  local file name count=0
  for file in "$1"/EFI/Linux/*.[eE][fF][iI] "$1"/loader/entries/*.[cC][oO][nN][fF]; do
    [ -f "$file" ] && [ -s "$file" ] || continue
    name=${file##*/}
    case $name in auto-* | *[!A-Za-z0-9._+~^-]*) continue ;; esac
    count=$((count + 1))
    [ $count -le $entries_max ] || return 0
    echo "${file#"$1/"}"
  done
}

# find_booted ESP VARIABLES: sets `booted`, the path below ESP of the entry that this boot came from, as it is called now,
# and `booted_id`. Some loaders tell names with the counter as it was before this boot, so names without it are compared.
find_booted() {
  local told name path
  booted= booted_id=
  for name in LoaderBootCountPath StubImageIdentifier LoaderEntrySelected; do
    told=$(read_variable "$2" "$name" | tr '\\' /) || continue
    case $told in *.[eE][fF][iI] | *.[cC][oO][nN][fF]) ;; *) continue ;; esac
    # The loader itself is no entry.
    case $told in */EFI/[bB][oO][oO][tT]/* | */EFI/systemd/*) continue ;; esac
    split_name "${told##*/}"
    booted_id=$id
    for path in ${1:+$(list_entries "$1")}; do
      split_name "${path##*/}"
      [ "$id" = "$booted_id" ] || continue
      booted=$path
      # Of two names of one entry the one that was told.
      [ "${path##*/}" != "${told##*/}" ] || break
    done
    return 0
  done
}

# is_on_trial VARIABLES: whether the loader counts the boots of what it started, and has tries left for it.
is_on_trial() {
  local told
  told=$(read_variable "$1" LoaderBootCountPath | tr '\\' /) || return 1
  split_name "${told##*/}"
  [ -n "$left" ] && [ "$left" != 0 ]
}

# read_record ESP: the failures since the last good boot.
read_record() {
  [ ! -f "$1/EFI/holdfast/failures.txt" ] || head -c "$record_bytes_max" "$1/EFI/holdfast/failures.txt"
}

# record ESP WORD ID CODE TEXT: appends a line and flushes it.
record() {
  local folder="$1/EFI/holdfast" text
  [ -n "$1" ] || return 1
  mkdir -p "$folder" 2>/dev/null || return 1
  text=$(printf '%s' "$5" | tr -c '\040-\176' ' ' | head -c 300)
  if [ "$(read_record "$1" | wc -c)" -ge $((record_bytes_max - 512)) ]; then
    rm -f "$folder/failures.txt" || return 1
  fi
  # dash ends a script whose redirection fails in a builtin: hence the subshell.
  (printf '%s\t%s\t%s\t%s\t%s\n' "$(date +%s)" "$2" "${3:--}" "${4:--}" "${text:--}" >>"$folder/failures.txt") 2>/dev/null || return 1
  sync
}

# mark_bad ESP PATH: gives an entry that has no counter one without tries. Losing this to a power cut costs nothing, since
# the entry cannot start. Where two names of one entry are, FAT may have them share their clusters: nothing is touched.
mark_bad() {
  local name="${2##*/}" other wanted found=0
  split_name "$name"
  wanted=$id
  for other in $(list_entries "$1"); do
    split_name "${other##*/}"
    [ "$id" != "$wanted" ] || found=$((found + 1))
  done
  [ $found = 1 ] || return 1
  wanted="$1/${2%/*}/${name%.*}+0-1.${name##*.}"
  [ ! -e "$wanted" ] || return 1
  mv "$1/$2" "$wanted" 2>/dev/null || return 1
  sync
  [ -f "$wanted" ]
}

# loader_entries VARIABLES: the names that the loader had in its menu, one a line. It tells them in UTF-16, a zero after each:
# with zeros made line ends, a character is a line, and a name ends where a line is empty.
loader_entries() {
  local char name=
  [ -r "$1/LoaderEntries-$vendor" ] || return 0
  head -c 16384 "$1/LoaderEntries-$vendor" | tail -c +5 | tr '\000' '\n' | while read -r char; do
    if [ -n "$char" ]; then
      name=$name$char
    elif [ -n "$name" ]; then
      echo "$name"
      name=
    fi
  done
}

# loader_name VARIABLES PATH: what the loader calls an entry. Some (257.7 is one, 257.13 is not) take its counter for a part
# of the name; what this one does shows in its menu.
loader_name() {
  local name wanted
  split_name "$(printf '%s' "${2##*/}" | tr A-Z a-z)"
  wanted=$id
  for name in $(loader_entries "$1"); do
    split_name "$name"
    if [ "$id" = "$wanted" ] && [ "$name" != "$wanted" ]; then echo "${2##*/}" && return 0; fi
  done
  split_name "${2##*/}"
  echo "$id"
}

# is_pinned ESP VARIABLES PATH: whether a default names this entry, which the loader then starts however bad it is.
is_pinned() {
  local name default saved
  name=$(loader_name "$2" "$3" | tr A-Z a-z)
  saved=$(read_variable "$2" LoaderEntryLastBooted) || saved=
  for default in "$(read_variable "$2" LoaderEntryDefault)" "$(conf_default "$1")"; do
    [ "$default" != @saved ] || default=$saved
    default=$(printf '%s' "$default" | tr A-Z a-z)
    # shellcheck disable=SC2254 # it is a pattern
    case $name in $default) return 0 ;; esac
  done
  return 1
}

conf_default() {
  [ -f "$1/loader/loader.conf" ] || return 0
  head -c 16384 "$1/loader/loader.conf" | while read -r key value rest; do
    [ "$key" != default ] || echo "$value"
  done | tail -n 1
}

# in_menu VARIABLES ID: whether the loader showed it; it passes over what is no program. Without a menu all are taken for shown.
in_menu() {
  local name wanted menu
  menu=$(loader_entries "$1")
  [ -n "$menu" ] || return 0
  wanted=$(printf '%s' "$2" | tr A-Z a-z)
  for name in $menu; do
    split_name "$name"
    [ "$id" != "$wanted" ] || return 0
  done
  return 1
}

# in_turn ESP VARIABLES: all entries that the loader shows, those known to be good first, the most recently good one at the
# top, then the newest first.
in_turn() {
  local good path seen=' '
  {
    [ ! -f "$1/EFI/holdfast/known-good.txt" ] || head -c 4096 "$1/EFI/holdfast/known-good.txt" | head -n 8
    list_entries "$1" | while read -r path; do
      split_name "${path##*/}"
      echo "$id"
    done | sort -rV
  } | while read -r good; do
    in_menu "$2" "$good" || continue
    for path in $(list_entries "$1"); do
      split_name "${path##*/}"
      [ "$id" = "$good" ] || continue
      case $seen in *" $path "*) continue ;; esac
      seen="$seen$path "
      echo "$path"
    done
  done
}

# was_told ESP WORD ID: whether the record says so of this entry, since all of them were begun anew.
was_told() {
  local found
  found=$(read_record "$1" | while read -r seconds word entry rest; do
    [ "$word" != again ] || echo no
    [ "$word" != "$2" ] || [ "$entry" != "$3" ] || echo yes
  done | tail -n 1)
  [ "$found" = yes ]
}

# times_failed ESP ID CODE: how often this happened to it since the last good boot.
times_failed() {
  read_record "$1" | while read -r seconds word entry code rest; do
    [ "$word $entry $code" != "failed $2 $3" ] || echo "$seconds"
  done | wc -l
}

# last_chosen ESP: the id that the loader was pointed at last, if any.
last_chosen() {
  read_record "$1" | while read -r seconds word entry rest; do
    case $word in again) echo ;; chosen) echo "$entry" ;; esac
  done | tail -n 1
}

# revive ESP ID: gives an entry that is bad one try, by its name. For firmware that does not keep what it is told.
revive() {
  local path name
  for path in $(list_entries "$1"); do
    name=${path##*/}
    split_name "$name"
    if [ "$id" = "$2" ] && [ "$left" = 0 ]; then
      [ ! -e "$1/${path%/*}/${id%.*}+1-0.${id##*.}" ] && mv "$1/$path" "$1/${path%/*}/${id%.*}+1-0.${id##*.}" && sync
      return
    fi
  done
  return 1
}

# choose ESP VARIABLES PATH: has the loader start this entry at the next boot, once.
choose() {
  local name
  name=$(loader_name "$2" "$3")
  split_name "${3##*/}"
  # First the line: with it lost, this entry would be chosen for ever.
  record "$1" chosen "$id" || recorded=no
  chosen=$id
  write_variable "$2" LoaderEntryOneShot "$name" || revive "$1" "$id"
}

# react ESP VARIABLES CODE TEXT: does what there is to do and sets
#   decision  reboot, or page: nothing is left to try
#   chosen    the id of the entry that the loader was pointed at, if any
#   recorded  no: nothing could be written down, so a reboot may well lead here again
react() {
  local path sound= bad= failed told
  decision=reboot chosen= recorded=yes
  find_booted "$1" "$2"
  record "$1" failed "$booted_id" "$3" "$4" || recorded=no
  [ -n "$1" ] || return 0

  if [ -n "$booted" ]; then
    split_name "${booted##*/}"
    # The loader goes on counting.
    if [ -n "$left" ] && [ "$left" != 0 ]; then return 0; fi
    if [ -n "$left" ]; then
      bad=yes
    elif [ "$3" = disk-missing ] && [ $recorded = yes ] && [ "$(times_failed "$1" "$booted_id" disk-missing)" -le $missed_disks_max ]; then
      # It found its disk before: the next start may find it again, and another version would not find it either.
      return 0
    elif mark_bad "$1" "$booted"; then
      bad=yes
      booted=${booted%.*}+0-1.${booted##*.}
    fi
  fi

  for path in $(in_turn "$1" "$2"); do
    [ "$path" != "$booted" ] || continue
    split_name "${path##*/}"
    [ "$left" = 0 ] || { sound=$path && break; }
  done
  if [ -n "$sound" ]; then
    # The loader comes to it by itself, unless it does not know that this one is bad, or was told to start it regardless.
    if [ -n "$booted" ] && { [ -z "$bad" ] || is_pinned "$1" "$2" "$booted"; }; then
      choose "$1" "$2" "$sound" || recorded=no
    fi
    return 0
  fi

  # Nothing can be remembered: going round in turn would never end, so nothing is begun.
  if [ $recorded = no ]; then return 0; fi
  # Was another one to come, and did not? Then the variable is not kept here, or another loader is at work.
  told=$(last_chosen "$1")
  if [ -n "$told" ] && [ "$told" != "$booted_id" ] && in_menu "$2" "$told" && revive "$1" "$told"; then
    chosen=$told
    return 0
  fi
  # What has not failed yet goes before what has.
  for failed in no yes; do
    for path in $(in_turn "$1" "$2"); do
      split_name "${path##*/}"
      if was_told "$1" chosen "$id" || { [ $failed = no ] && was_told "$1" failed "$id"; }; then continue; fi
      choose "$1" "$2" "$path" || recorded=no
      return 0
    done
  done
  decision=page
}

# begin_again ESP: every entry gets its turn once more.
begin_again() {
  record "$1" again - - - || :
}

# tell_page ESP: what a person reads when nothing is left.
tell_page() {
  cat <<'TEXT'

  ----------------------------------------------------------------------
  holdfast: No version of this system starts, and each was tried.

TEXT
  read_record "$1" | while read -r seconds word entry code text; do
    [ "$word" = failed ] || continue
    echo "    $entry failed: $code, $text"
  done | tail -n 12
  cat <<'TEXT'

  What you can do:
    - Check that the disk is connected; a disk that comes back is enough.
    - Press Enter to try all versions again. This happens by itself in an hour.
    - Hold the space bar while the machine starts: the menu has all entries. With "e" you
      can add "holdfast.shell" to the command line of one and get a shell instead of this page.
    - Boot a stick with an installer or a live system. Your data is on the partition
      "holdfast-system"; versions are files in its folder /system, boot entries are on the ESP
      in /EFI/Linux, and what failed is in /EFI/holdfast/failures.txt.
  ----------------------------------------------------------------------

TEXT
}
