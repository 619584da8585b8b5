# Whether a file can be an image of erofs at all (P8): what can be seen at once, without reading it. From the kernel's
# fs/erofs/erofs_fs.h: the superblock is at 1024, in it at 0 a magic number, at 12 the block size as a power of two, at 36
# how many blocks there are.

# number FILE OFFSET BYTES: little-endian.
number() {
  local total=0 scale=1 byte
  for byte in $(od -An -v -tu1 -j "$2" -N "$3" "$1" 2>/dev/null); do
    total=$((total + byte * scale))
    scale=$((scale * 256))
  done
  echo $total
}

# check_image FILE: fails with a code and the end of a sentence.
check_image() {
  local bits blocks
  if [ ! -e "$1" ]; then echo "image-missing is not there" && return 1; fi
  if [ ! -f "$1" ]; then echo "image-damaged is no file" && return 1; fi
  if [ ! -s "$1" ]; then echo "image-damaged is empty" && return 1; fi
  if [ "$(number "$1" 1024 4)" != $((0xe0f5e1e2)) ]; then echo "image-damaged has no erofs superblock" && return 1; fi
  bits=$(number "$1" 1036 1)
  blocks=$(number "$1" 1060 4)
  if [ "$bits" -lt 9 ] || [ "$bits" -gt 16 ] || [ "$blocks" = 0 ]; then
    echo "image-damaged has a superblock that makes no sense" && return 1
  fi
  if [ -z "$(dd if="$1" bs=$((1 << bits)) skip=$((blocks - 1)) count=1 2>/dev/null | head -c 1 | od -An -tx1)" ]; then
    echo "image-damaged is shorter than its superblock says" && return 1
  fi
}
