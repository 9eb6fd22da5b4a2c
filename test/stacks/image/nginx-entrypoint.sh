#!/bin/sh
# As the original: templates become configuration, with variables of the environment in them.
set -e
for template in /etc/nginx/templates/*.template; do
  [ -e "$template" ] || continue
  names=$(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/${\1}/p' | tr '\n' ' ')
  envsubst "$names" <"$template" >"/etc/nginx/conf.d/$(basename "$template" .template)"
done
exec "$@"
