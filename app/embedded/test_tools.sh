#!/bin/sh
# What the tests need of the machine: Chromium, pdftotext, Go with golang.org/x/mod. Installed with apt-get where that
# is possible; otherwise each is named. In CI a missing one is an error, since nothing is skipped there.
missing=""
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
    || command -v google-chrome-stable >/dev/null || missing="$missing chromium"
command -v pdftotext >/dev/null || missing="$missing poppler-utils"
command -v go >/dev/null || missing="$missing golang-go"
[ -d /usr/share/gocode/src/golang.org/x/mod ] || missing="$missing golang-golang-x-mod-dev"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ]; then as_root=""; elif sudo -n true 2>/dev/null; then as_root="sudo"; else as_root="no"; fi
if [ "$as_root" != no ] && command -v apt-get >/dev/null; then
    echo "  installing$missing (apt-get) …"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086 # the names are separate words
    $as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null && exit 0
fi
echo "  The tests use programs that are not here:$missing"
echo "  On Debian: apt-get install$missing"
if [ -n "${CI:-}" ]; then exit 1; fi
echo "  Tests that need them are skipped."
