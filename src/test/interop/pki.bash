# shellcheck shell=bash
# Shared by the scripts with certificates, all made here with openssl; sourced after linux/lib.sh, used after scratch. In $work/pki:
# NAME.crt, NAME.key, NAME.der (the certificate), and of authorities NAME.crl (DER).

# private_key NAME KIND: rsa2048, rsa3072, P-256, P-384, P-521, ed25519 or ed448
private_key() {
  local words
  case $2 in
    rsa*) words=(RSA -pkeyopt "rsa_keygen_bits:${2#rsa}") ;;
    P-*) words=(EC -pkeyopt "ec_paramgen_curve:$2") ;;
    *) words=("$2") ;;
  esac
  (umask 077 && openssl genpkey -algorithm "${words[@]}" -out "$work/pki/$1.key")
}
# issue NAME ISSUER SUBJECT DAYS EXTENSION...: to the key NAME
issue() {
  local name=$1 issuer=$2 subject=$3 days=$4 signer
  shift 4
  printf '%s\n' "$@" >"$work/pki/$name.ext"
  signer=(-CA "$work/pki/$issuer.crt" -CAkey "$work/pki/$issuer.key" -set_serial "0x$(openssl rand -hex 8 | sed 's/^./4/')")
  [ "$issuer" != "$name" ] || signer=(-signkey "$work/pki/$name.key")
  openssl req -new -key "$work/pki/$name.key" -subj "$subject" -out "$work/pki/$name.csr" &&
    openssl x509 -req -in "$work/pki/$name.csr" "${signer[@]}" -days "$days" -extfile "$work/pki/$name.ext" -out "$work/pki/$name.crt" &&
    openssl x509 -in "$work/pki/$name.crt" -outform DER -out "$work/pki/$name.der"
}
# authority NAME KIND [ISSUER]: a root, or one below another
authority() {
  mkdir -p "$work/pki"
  private_key "$1" "$2" || return
  issue "$1" "${3:-$1}" "/C=DE/O=Example/CN=CA $1" 30 basicConstraints=critical,CA:TRUE keyUsage=critical,keyCertSign,cRLSign \
    subjectKeyIdentifier=hash || return
  : >"$work/pki/$1.index"
  cat >"$work/pki/$1.cnf" <<END
[ca]
default_ca = this
[this]
database = $work/pki/$1.index
certificate = $work/pki/$1.crt
private_key = $work/pki/$1.key
default_md = sha256
default_crl_days = 7
END
  revocations "$1"
}
# certificate NAME ISSUER KIND SUBJECT-ALT-NAME [DAYS [EXTENSION...]]: of an end, with the subject C=DE, O=Example, CN=NAME
certificate() {
  private_key "$1" "$3" &&
    issue "$1" "$2" "/C=DE/O=Example/CN=$1" "${5:-30}" basicConstraints=CA:FALSE keyUsage=digitalSignature \
      subjectKeyIdentifier=hash authorityKeyIdentifier=keyid ${4:+"subjectAltName=$4"} "${@:6}"
}
# revoke NAME ISSUER; revocations makes the issuer's list of them
revoke() { openssl ca -config "$work/pki/$2.cnf" -revoke "$work/pki/$1.crt"; }
revocations() {
  openssl ca -config "$work/pki/$1.cnf" -gencrl -out "$work/pki/$1.crl.pem" &&
    openssl crl -in "$work/pki/$1.crl.pem" -outform DER -out "$work/pki/$1.crl"
}
# serve_http NAMESPACE: the files *.crl, on port 80
serve_http() {
  nsenter --net="/run/netns/$1" perl -MIO::Socket::INET -e '
    my $listener = IO::Socket::INET->new(LocalPort => 80, Listen => 16, ReuseAddr => 1) or die "listen: $!";
    $| = 1; print "listening\n";
    while (my $client = $listener->accept) {
      my $request = <$client> // next;
      while (defined(my $line = <$client>)) { last if $line =~ /^\r?\n/ }
      my $file = $request =~ m{^GET /([\w-]+\.crl) } ? "$ARGV[0]/$1" : "";
      my $body = "";
      if (open(my $in, "<:raw", $file)) { local $/; $body = <$in> }
      print $client ($body eq "" ? "HTTP/1.0 404 Not Found\r\n\r\n" : "HTTP/1.0 200 OK\r\nContent-Length: " . length($body) . "\r\n\r\n$body");
      print "$request"; close($client);
    }' "$work/pki" >"$work/http.log" 2>&1 &
  daemons+=($!)
  until_true 10 grep -q listening "$work/http.log"
}
# serve_ocsp NAMESPACE ISSUER PORT: by openssl
serve_ocsp() {
  nsenter --net="/run/netns/$1" openssl ocsp -index "$work/pki/$2.index" -port "$3" -CA "$work/pki/$2.crt" -rsigner "$work/pki/$2.crt" \
    -rkey "$work/pki/$2.key" -nmin 60 -text >"$work/ocsp.log" 2>&1 &
  daemons+=($!)
  until_true 10 grep -qi "waiting for" "$work/ocsp.log"
}
