# A version that was good and panics whenever it is started (P8). Its kernel leaves reports with the firmware; each start writes
# down what is new of them, and when there were too many in a row the entry is given up. Functions over folders as in
# boot-failure.sh, which is read before: PSTORE is where pstore is mounted. Formats: the kernel's fs/pstore, and names as its
# drivers/firmware/efi/efi-pstore.c makes them.

# Each start says in the kernel's log which entry it is of: this, and its id. A report is of the entry that its log names.
start_mark='holdfast: this is the start of '
# A panic later than this after power-on is no matter of starting.
early_seconds=300
# An entry is given up when it has panicked so often since the last good boot.
panics_max=3

# name_report FILE: sets `key`, which all parts of one report have in common. efi_pstore's names are seconds, two digits of
# the part and three that count; of others each file is taken for a whole report.
name_report() {
  key=${1##*/}
  key=${key%.enc.z}
  case $key in dmesg-efi*[0-9][0-9][0-9][0-9][0-9]) key=${key%?????} ;; esac
}

# early_panics PSTORE ID: the reports of panics soon after starts of this entry, as KEY TEXT, the oldest first.
early_panics() {
  local file line seconds mine=' ' early=
  for file in "$1"/dmesg-*; do
    [ -f "$file" ] || continue
    name_report "$file"
    while read -r line || [ -n "$line" ]; do
      case $line in
        *"$start_mark$2") mine="$mine$key " ;;
        *'] Kernel panic - not syncing'*)
          seconds=${line#*\[}
          seconds=${seconds%%.*}
          seconds=${seconds##* }
          case $seconds in '' | *[!0-9]*) continue ;; esac
          [ "$seconds" -gt $early_seconds ] || early="$early$key Kernel panic${line#*] Kernel panic}
"
          ;;
      esac
    done <"$file"
  done
  printf '%s' "$early" | while read -r key line; do
    case $mine in *" $key "*) echo "$key $line" ;; esac
  done | sort -u
}

# note_panics ESP PSTORE ID: writes down the reports that are not in the record yet, and prints how many these were. The newest
# stays for whoever collects such reports; the older ones make room, for firmware has little.
note_panics() {
  local known line last=
  known=$(read_record "$1" | while read -r seconds word entry code text; do
    [ "$word $entry $code" != "failed $3 panic" ] || echo "$text"
  done)
  early_panics "$2" "$3" | while read -r key line; do
    case $known in
      *"($key)"*) ;;
      *) record "$1" failed "$3" panic "$(printf '%.200s' "$line") ($key)" && echo "$key" || return 0 ;;
    esac
    [ -z "$last" ] || rm -f "$2/$last"*
    last=$key
  done | wc -l
}

# goes_on_panicking ESP PSTORE ID: whether the last start of this entry ended in a panic, as did too many since the last good
# boot. One that is tried again after that is tried.
goes_on_panicking() {
  [ "$(note_panics "$1" "$2" "$3")" -gt 0 ] && [ "$(times_failed "$1" "$3" panic)" -ge $panics_max ]
}
