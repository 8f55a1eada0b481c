// What other people's programs make of our keys and signatures, and we of theirs: OpenSSL, OpenSSH, minisign,
// libsodium through PyNaCl, Go's sumdb/note.
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "core/base/encoding.hpp"
#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"
#include "core/evidence/checkpoint.hpp"
#include "core/evidence/envelope.hpp"
#include "core/evidence/keys.hpp"

namespace signalbox::evidence {
namespace {

constexpr std::string_view kMessage = "a message\nof two lines\n";

// A folder of files, and programs run in it.
class ForeignTools : public ::testing::Test {
 protected:
  std::string file(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string read(const std::string& name) const { return read_file(file(name)).value_or(""); }
  void write(const std::string& name, std::string_view octets, unsigned mode = 0600) const {
    ASSERT_TRUE(write_file_atomically(file(name), octets, mode));
  }
  ProcessResult run(const std::vector<std::string>& argv, const std::string& input = {}) const {
    const auto result =
        run_process(argv, {.input = input,
                           .directory = folder_.path(),
                           .environment = {{"GO111MODULE", "off"}, {"GOPATH", "/usr/share/gocode"}},
                           .deadline = std::chrono::minutes(3)});
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result.value_or(ProcessResult{-1, {}, {}});
  }
  int code_of(const std::vector<std::string>& argv, const std::string& input = {}) const {
    return run(argv, input).exit_code;
  }
  void must(const std::vector<std::string>& argv) const {
    const ProcessResult result = run(argv);
    ASSERT_EQ(result.exit_code, 0) << join(argv, " ") << "\n" << result.output << result.errors;
  }

  TemporaryDirectory folder_;
  const SigningKey ours_ = SigningKey::generate("builder@here");
};

std::string flipped(std::string octets, std::size_t bit = 0) {
  octets[bit / 8] = static_cast<char>(octets[bit / 8] ^ (1 << bit % 8));
  return octets;
}

// RFC 4251 section 5: a string is its length in four octets, then its octets.
std::string ssh_string(std::string_view octets) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(octets.size() >> shift & 0xff);
  return out + std::string(octets);
}

std::string sha512(std::string_view octets) {
  std::string out(64, '\0');
  EVP_Digest(octets.data(), octets.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr,
             EVP_sha512(), nullptr);
  return out;
}

TEST_F(ForeignTools, OpensslVerifiesOurSignatureWithOurPemAndNotAFlippedOne) {
  write("key.pem", to_pem(ours_.public_key()));
  write("message", kMessage);
  write("good", ours_.sign(kMessage));
  write("bad", flipped(ours_.sign(kMessage), 300));
  const std::vector<std::string> check = {"openssl", "pkeyutl", "-verify", "-pubin",  "-inkey",
                                          "key.pem", "-rawin",  "-in",     "message", "-sigfile"};
  auto good = check, bad = check;
  good.emplace_back("good");
  bad.emplace_back("bad");
  EXPECT_EQ(code_of(good), 0);
  EXPECT_NE(code_of(bad), 0);
}

TEST_F(ForeignTools, SignaturesOfOpensslVerifyInEveryAlgorithm) {
  write("message", kMessage);
  must({"openssl", "genpkey", "-algorithm", "ed25519", "-out", "ed25519"});
  must({"openssl", "pkeyutl", "-sign", "-inkey", "ed25519", "-rawin", "-in", "message", "-out",
        "ed25519.sig"});
  must({"openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "p256"});
  must({"openssl", "dgst", "-sha256", "-sign", "p256", "-out", "p256.sig", "message"});
  must({"openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "rsa"});
  must({"openssl", "dgst", "-sha256", "-sign", "rsa", "-sigopt", "rsa_padding_mode:pss", "-out", "rsa.sig",
        "message"});
  for (const std::string name : {"ed25519", "p256", "rsa"}) {
    must({"openssl", "pkey", "-in", name, "-pubout", "-out", name + ".pem"});
    const auto key = parse_public_key(read(name + ".pem"), "theirs");
    ASSERT_TRUE(key) << name << ": " << key.error().message;
    EXPECT_TRUE(verify(*key, kMessage, read(name + ".sig"))) << name;
    EXPECT_FALSE(verify(*key, kMessage, flipped(read(name + ".sig"), 200))) << name;
    EXPECT_FALSE(verify(*key, "another message", read(name + ".sig"))) << name;
    EXPECT_EQ(to_pem(*key), read(name + ".pem")) << name;
  }
}

TEST_F(ForeignTools, AP256KeyWithItsPointCompressedIsTheSameKey) {
  must({"openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "p256"});
  must({"openssl", "pkey", "-in", "p256", "-pubout", "-out", "plain.pem"});
  must({"openssl", "ec", "-in", "p256", "-pubout", "-conv_form", "compressed", "-out", "compressed.pem"});
  ASSERT_NE(read("plain.pem"), read("compressed.pem"));
  const auto plain = parse_public_key(read("plain.pem"), "a");
  const auto compressed = parse_public_key(read("compressed.pem"), "b");
  ASSERT_TRUE(plain && compressed);
  EXPECT_TRUE(plain->same_key(*compressed));
}

TEST_F(ForeignTools, KeysTooWeakOrOfAnotherKindAreRefused) {
  must({"openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024", "-out", "small"});
  must({"openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", "p384"});
  must({"openssl", "genpkey", "-algorithm", "ed448", "-out", "ed448"});
  for (const std::string name : {"small", "p384", "ed448"}) {
    must({"openssl", "pkey", "-in", name, "-pubout", "-out", name + ".pem"});
    const auto key = parse_public_key(read(name + ".pem"), "theirs");
    ASSERT_FALSE(key) << name;
    EXPECT_EQ(key.error().kind, ErrorKind::bad_input);
  }
}

// PROTOCOL.sshsig of OpenSSH.
TEST_F(ForeignTools, SshKeygenAcceptsOurSignatureAndWeTheirs) {
  if (!find_program("ssh-keygen")) GTEST_SKIP() << "no ssh-keygen: apt-get install openssh-client";
  const auto signed_data = [](std::string_view message) {
    return "SSHSIG" + ssh_string("file") + ssh_string("") + ssh_string("sha512") +
           ssh_string(sha512(message));
  };
  const std::string blob = ssh_string("ssh-ed25519") + ssh_string(ours_.public_key().octets);
  const auto armored = [&](const std::string& signature) {
    return "-----BEGIN SSH SIGNATURE-----\n" +
           to_base64("SSHSIG" + std::string("\0\0\0\1", 4) + ssh_string(blob) + ssh_string("file") +
                     ssh_string("") + ssh_string("sha512") +
                     ssh_string(ssh_string("ssh-ed25519") + ssh_string(signature))) +
           "\n-----END SSH SIGNATURE-----\n";
  };
  write("allowed", "builder " + to_openssh(ours_.public_key()));
  const std::string signature = ours_.sign(signed_data(kMessage));
  write("good", armored(signature));
  write("bad", armored(flipped(signature, 511)));
  const std::vector<std::string> check = {"ssh-keygen", "-Y",      "verify", "-f",   "allowed",
                                          "-I",         "builder", "-n",     "file", "-s"};
  auto good = check, bad = check;
  good.emplace_back("good");
  bad.emplace_back("bad");
  EXPECT_EQ(code_of(good, std::string(kMessage)), 0);
  EXPECT_NE(code_of(bad, std::string(kMessage)), 0);

  must({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "theirs", "-f", "id"});
  write("message", kMessage);
  must({"ssh-keygen", "-q", "-Y", "sign", "-n", "file", "-f", "id", "message"});
  const auto key = parse_public_key(read("id.pub"), "theirs");
  ASSERT_TRUE(key) << key.error().message;
  std::string body;
  const std::string armoured = read("message.sig");
  for (const std::string_view line : lines(armoured)) {
    if (line.find("-----") == std::string_view::npos) body += line;
  }
  const std::string theirs = from_base64(body).value_or("");
  ASSERT_GT(theirs.size(), 64U);
  EXPECT_TRUE(verify(*key, signed_data(kMessage), theirs.substr(theirs.size() - 64)));
}

// https://jedisct1.github.io/minisign, "Signature format"; "Ed" is the form that signs the message itself.
TEST_F(ForeignTools, MinisignAcceptsOurSignatureAndWeTheirs) {
  if (!find_program("minisign")) GTEST_SKIP() << "no minisign: apt-get install minisign";
  write("message", kMessage);
  const std::string public_text = to_minisign(ours_.public_key());
  write("ours.pub", public_text);
  const std::string key_id = from_base64(lines(public_text)[1])->substr(2, 8);
  const auto signature_file = [&](const std::string& signature) {
    const std::string comment = "for a test";
    return "untrusted comment: none\n" + to_base64("Ed" + key_id + signature) +
           "\ntrusted comment: " + comment + "\n" + to_base64(ours_.sign(signature + comment)) + "\n";
  };
  write("good", signature_file(ours_.sign(kMessage)));
  write("bad", signature_file(flipped(ours_.sign(kMessage), 77)));
  EXPECT_EQ(code_of({"minisign", "-V", "-q", "-p", "ours.pub", "-m", "message", "-x", "good"}), 0);
  EXPECT_NE(code_of({"minisign", "-V", "-q", "-p", "ours.pub", "-m", "message", "-x", "bad"}), 0);

  must({"minisign", "-G", "-W", "-f", "-p", "theirs.pub", "-s", "theirs.sec"});
  must({"minisign", "-S", "-l", "-W", "-s", "theirs.sec", "-m", "message", "-x", "theirs.sig"});
  const auto key = parse_public_key(read("theirs.pub"), "theirs");
  ASSERT_TRUE(key) << key.error().message;
  const std::string text = read("theirs.sig");
  const std::string theirs = from_base64(lines(text).at(1)).value_or("");
  ASSERT_EQ(theirs.size(), 74U);
  EXPECT_TRUE(verify(*key, kMessage, theirs.substr(10)));
}

TEST_F(ForeignTools, PynaclVerifiesOurEnvelopeAndWeOneSignedByIt) {
  const std::string python = "/usr/bin/python3";
  if (run({python, "-c", "import nacl"}).exit_code != 0)
    GTEST_SKIP() << "no PyNaCl: apt-get install python3-nacl";
  write("envelope", write_envelope(sign_envelope("text/plain", kMessage, {&ours_})));
  write("key", to_base64(ours_.public_key().octets));
  // DSSE 1.0.2, protocol.md: written here once more, in another language.
  write("check.py", R"(import base64, json, sys
from nacl.signing import SigningKey, VerifyKey
def pae(kind, body): return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)
e = json.load(open("envelope"))
body, kind = base64.b64decode(e["payload"]), e["payloadType"].encode()
key = VerifyKey(base64.b64decode(open("key").read()))
key.verify(pae(kind, body), base64.b64decode(e["signatures"][0]["sig"]))
try:
  key.verify(pae(kind, body + b"x"), base64.b64decode(e["signatures"][0]["sig"]))
  sys.exit(5)
except Exception: pass
new = SigningKey.generate()
b64 = lambda o: base64.urlsafe_b64encode(o).decode()
print(base64.b64encode(bytes(new.verify_key)).decode())
print(json.dumps({"payloadType": "t/u", "payload": b64(b"\xff\xfe body"), "signatures":
  [{"sig": b64(new.sign(pae(b"t/u", b"\xff\xfe body")).signature)}]}))
)");
  const ProcessResult result = run({python, "check.py"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const auto rows = lines(result.output);
  ASSERT_EQ(rows.size(), 2U);
  const PublicKey theirs{"theirs", from_base64(rows[0]).value_or("")};
  const auto envelope = parse_envelope(rows[1]);
  ASSERT_TRUE(envelope) << envelope.error().message;
  EXPECT_EQ(envelope->payload, "\xff\xfe body");
  EXPECT_EQ(verified_by(*envelope, {theirs}).size(), 1U);
}

TEST_F(ForeignTools, GoReadsOurCheckpointAndWeItsNote) {
  if (!find_program("go")) GTEST_SKIP() << "no go: apt-get install golang golang-golang-x-mod-dev";
  const SigningKey log = SigningKey::generate("log.example/one");
  const Checkpoint checkpoint{"log.example/one", 70'000, sha256("root")};
  const std::string note = sign_note(checkpoint_text(checkpoint), log);
  write("vkey", log.public_key().vkey());
  write("good", note);
  const auto program = testing::source_directory() / "src/core/evidence/testdata/note_oracle.go";
  const ProcessResult result = run({"go", "run", program.string(), "vkey", "good"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const auto rows = lines(result.output);
  ASSERT_EQ(rows.size(), 4U) << result.output;
  EXPECT_EQ(rows[0], "accepted " + to_base64(checkpoint_text(checkpoint)));
  // It refused the note with each of its bits flipped, as we do.
  EXPECT_EQ(rows[1], "refused " + std::to_string(note.size() * 8));
  for (std::size_t bit = 0; bit < note.size() * 8; ++bit) {
    const auto parsed = parse_note(flipped(note, bit));
    if (!parsed) continue;
    const auto by = verify_note(*parsed, {log.public_key()});
    EXPECT_TRUE(!by || by->empty()) << bit;
  }
  const auto theirs = parse_vkey(rows[2]);
  ASSERT_TRUE(theirs) << theirs.error().message;
  const auto their_note = parse_note(from_base64(rows[3]).value_or(""));
  ASSERT_TRUE(their_note) << their_note.error().message;
  EXPECT_EQ(their_note->text, "their text\n\nwith a blank line\n");
  EXPECT_EQ(verify_note(*their_note, {*theirs})->size(), 1U);
}

// DSSE protocol.md, "Test Vectors": its key, X and Y given there as decimal numbers, in PEM; its envelope.
TEST(Dsse, PublishedVectorSignedWithEcdsaVerifies) {
  const auto key = parse_public_key(
      "-----BEGIN PUBLIC KEY-----\n"
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZ805D3eqNZywjCI19lInBJOp7YMr\n"
      "CrzAH3CVTAOQ0jgMeCvVTiaRJaRPRDOv8UMs6U4SvKc6pnrIDOoSYI3fdA==\n"
      "-----END PUBLIC KEY-----\n",
      "vector");
  ASSERT_TRUE(key) << key.error().message;
  auto envelope = parse_envelope(R"({"payload": "aGVsbG8gd29ybGQ=",
 "payloadType": "http://example.com/HelloWorld",
 "signatures": [{"sig": "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="}]})");
  ASSERT_TRUE(envelope) << envelope.error().message;
  EXPECT_EQ(verified_by(*envelope, {*key}).size(), 1U);
  envelope->payload_type += "s";
  EXPECT_TRUE(verified_by(*envelope, {*key}).empty());
}

}  // namespace
}  // namespace signalbox::evidence
