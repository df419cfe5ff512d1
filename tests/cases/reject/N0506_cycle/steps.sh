mkdir -p image/etc
ln -s loop image/etc/default
ln -s default image/etc/loop
netc compile input.net --image-root image
