#!/bin/sh
# Installs the command `flybrowser` for this user and registers it with their browsers (Linux, macOS).
#   sh install.sh [--no-register]
# FLYBROWSER_DOWNLOADS: address or folder of the release; FLYBROWSER_BIN: folder of the command, ~/.local/bin by default.
set -eu

version='@VERSION@'
downloads="${FLYBROWSER_DOWNLOADS:-@DOWNLOADS@}"
bin="${FLYBROWSER_BIN:-$HOME/.local/bin}"

fail() {
  printf '✗ %s\n' "$1" >&2
  exit 1
}

[ -n "$downloads" ] || fail 'Set FLYBROWSER_DOWNLOADS to the address of the release.'

case "$(uname -s)" in
  Linux) system=linux ;;
  Darwin) system=macos ;;
  *) fail "There is no executable for $(uname -s). On Windows, use install.ps1; elsewhere, the npm package." ;;
esac
case "$(uname -m)" in
  x86_64 | amd64) system="$system-x64" ;;
  aarch64 | arm64) system="$system-arm64" ;;
  *) fail "There is no executable for $(uname -m). Use the npm package." ;;
esac
if [ -e /etc/alpine-release ]; then
  fail 'The executable needs glibc, which Alpine does not have. Use the npm package with Alpine'"'"'s Node.'
fi

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT INT TERM HUP

fetch() {
  case "$downloads" in
    http://* | https://*)
      if command -v curl >/dev/null; then
        curl --fail --silent --show-error --location --output "$work/$1" "$downloads/$1"
      elif command -v wget >/dev/null; then
        wget -q -O "$work/$1" "$downloads/$1"
      else
        fail 'Install curl or wget first.'
      fi
      ;;
    *) cp "$downloads/$1" "$work/$1" ;;
  esac || fail "$downloads/$1 could not be downloaded."
}

archive="flybrowser-$version-$system.tar.gz"
printf 'Downloading %s …\n' "$archive" >&2
fetch SHA256SUMS
fetch "$archive"

wanted="$(sed -n "s/  $archive\$//p" "$work/SHA256SUMS")"
if command -v sha256sum >/dev/null; then
  got="$(sha256sum "$work/$archive")"
else
  got="$(shasum -a 256 "$work/$archive")"
fi
got="${got%% *}"
if [ -z "$wanted" ] || [ "$wanted" != "$got" ]; then
  fail "$archive is damaged: its checksum is $got, not ${wanted:-listed}. Nothing was installed."
fi

tar -xzf "$work/$archive" -C "$work"
"$work/flybrowser" --version >/dev/null || fail 'The program does not run on this system. Nothing was installed.'
mkdir -p "$bin"
# A new file under the same name: one that runs can't be written to.
mv "$work/flybrowser" "$bin/.flybrowser.new"
mv -f "$bin/.flybrowser.new" "$bin/flybrowser"
printf '✓ %s, version %s\n' "$bin/flybrowser" "$version" >&2

# shellcheck disable=SC2016 # $PATH is for the shell that reads the profile
case ":$PATH:" in
  *":$bin:"*) ;;
  *) printf '  %s is not on your PATH. Add this line to the profile of your shell:\n    export PATH="%s:$PATH"\n' "$bin" "$bin" >&2 ;;
esac

[ "${1:-}" = '--no-register' ] || "$bin/flybrowser" install
