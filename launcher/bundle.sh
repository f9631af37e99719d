#!/bin/sh
# Packs the distribution with a Java runtime of its own into one archive for this platform:
# app/target/hypaware-VERSION-PLATFORM.tar.gz. Called by hyp bundle, which has built the distribution.
set -u
root=$1
dist=$root/app/target/dist
. "$root/launcher/java-home.sh"
find_java_home || exit 1

read -r version < "$dist/version" || true
platform=$(uname -s | tr '[:upper:]' '[:lower:]')-$(uname -m)
name=hypaware-$version-$platform
work=$root/app/target/bundle
folder=$work/hypaware-$version
rm -rf "$work"
mkdir -p "$folder/bin" "$folder/launcher" "$folder/share/man/man1" "$folder/share/completion"

# Those that the code and its libraries touch; TrainingTest's walk through the commands runs on them.
modules=java.base,java.logging,java.management,java.naming,java.net.http,java.sql,java.xml,jdk.unsupported
"$JAVA_HOME/bin/jlink" --add-modules "$modules" --strip-debug --no-header-files --no-man-pages --compress zip-6 \
  --output "$folder/runtime" || exit 1

cp -R "$dist/lib" "$dist/native" "$dist/version" "$dist/gateway.args" "$folder/"
cp "$root/LICENSE" "$folder/"
cp "$root/launcher/jvm-args.sh" "$root/launcher/caches.sh" "$root/launcher/statusline.sh" "$folder/launcher/"
cp "$root/launcher/bundle-hyp.sh" "$folder/bin/hyp"
chmod 755 "$folder/bin/hyp"
for shell in bash zsh fish; do
  HYP_HOME=$work/home "$root/hyp" completion $shell > "$folder/share/completion/hyp.$shell" || exit 1
done
HYP_HOME=$work/home "$root/hyp" completion man > "$folder/share/man/man1/hyp.1" || exit 1

tar -C "$work" -czf "$root/app/target/$name.tar.gz.new" "hypaware-$version" \
  && mv "$root/app/target/$name.tar.gz.new" "$root/app/target/$name.tar.gz" || exit 1
echo "$root/app/target/$name.tar.gz ($(du -h "$root/app/target/$name.tar.gz" | cut -f1))"
