// Which keys and signatures are good, where implementations of Ed25519 differ.
#include "core/evidence/ed25519.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <sodium.h>

#include "core/base/encoding.hpp"
#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"
#include "core/evidence/keys.hpp"

namespace signalbox::evidence {
namespace {

// A signature to judge, and what is published of others' verdicts ('V' verifies, 'X' does not).
struct Case {
  std::string message, key, signature;
  char libsodium = 'X', openssl = 'X';
  std::string what;
};

std::vector<Case> published_cases() {
  const auto file = testing::source_directory() / "src/core/evidence/testdata/ed25519_edge_cases.tsv";
  const std::string text = read_file(file).value_or("");
  std::vector<Case> out;
  for (const std::string_view line : lines(text)) {
    if (line.starts_with('#')) continue;
    const auto fields = split(line, '\t');
    out.push_back({from_hex(fields.at(0)).value_or(""), from_hex(fields.at(1)).value_or(""),
                   from_hex(fields.at(2)).value_or(""), fields.at(3).at(0), fields.at(4).at(0),
                   std::string(fields.at(5))});
  }
  return out;
}

bool openssl_verifies(const Case& of) {
  const auto* key = reinterpret_cast<const unsigned char*>(of.key.data());
  EVP_PKEY* const pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key, of.key.size());
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  const bool out =
      EVP_DigestVerifyInit(context, nullptr, nullptr, nullptr, pkey) == 1 &&
      EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(of.signature.data()),
                       of.signature.size(), reinterpret_cast<const unsigned char*>(of.message.data()),
                       of.message.size()) == 1;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(pkey);
  return out;
}

bool we_verify(const Case& of) {
  return ed25519_verify(of.key, of.message, of.signature);
}

std::string flipped(std::string octets, std::size_t bit) {
  octets[bit / 8] = static_cast<char>(octets[bit / 8] ^ (1 << bit % 8));
  return octets;
}

// An honest signature and all that come of it by flipping one bit of key or signature.
std::vector<Case> honest_and_flipped() {
  const SigningKey signer = SigningKey::generate("a");
  const Case honest{"a message", signer.public_key().octets, signer.sign("a message"), 'V', 'V', "honest"};
  std::vector<Case> out = {honest};
  for (std::size_t bit = 0; bit < honest.signature.size() * 8; bit += 3) {
    out.push_back(honest);
    out.back().signature = flipped(honest.signature, bit);
  }
  for (std::size_t bit = 0; bit < honest.key.size() * 8; bit += 3) {
    out.push_back(honest);
    out.back().key = flipped(honest.key, bit);
  }
  return out;
}

// What only the holder of a key can make: R is the neutral element, S = k·a.
Case with_neutral_r() {
  Case out{"a message", std::string(32, '\0'), "\x01" + std::string(31, '\0'), 'X', 'V', "R is neutral"};
  unsigned char secret[64], hash[64], a[32], k[32], s[32];
  auto* const key = reinterpret_cast<unsigned char*>(out.key.data());
  crypto_sign_keypair(key, secret);
  crypto_hash_sha512(hash, secret, 32);
  hash[0] &= 248;
  hash[31] = static_cast<unsigned char>((hash[31] & 127) | 64);
  std::fill(hash + 32, hash + 64, static_cast<unsigned char>(0));
  crypto_core_ed25519_scalar_reduce(a, hash);
  const std::string hashed = out.signature + out.key + out.message;
  crypto_hash_sha512(hash, reinterpret_cast<const unsigned char*>(hashed.data()), hashed.size());
  crypto_core_ed25519_scalar_reduce(k, hash);
  crypto_core_ed25519_scalar_mul(s, k, a);
  out.signature.append(reinterpret_cast<const char*>(s), 32);
  return out;
}

// The verdicts of a program that gets the cases a line each and prints a line of V and X.
std::string verdicts_of(const std::vector<std::string>& argv, const std::vector<Case>& cases) {
  std::string input;
  for (const Case& one : cases)
    input += to_hex(one.message) + " " + to_hex(one.key) + " " + to_hex(one.signature) + "\n";
  const auto result = run_process(argv, {.input = input, .deadline = std::chrono::minutes(1)});
  EXPECT_TRUE(result && result->exit_code == 0) << (result ? result->errors : result.error().message);
  return result ? std::string(trim(result->output)) : "";
}

std::string our_verdicts(const std::vector<Case>& cases) {
  std::string out;
  for (const Case& one : cases) out += we_verify(one) ? 'V' : 'X';
  return out;
}

std::vector<Case> all_cases() {
  std::vector<Case> out = published_cases();
  for (Case& one : honest_and_flipped()) out.push_back(std::move(one));
  out.push_back(with_neutral_r());
  return out;
}

TEST(Ed25519Verdicts, AreThoseThatArePublishedOfLibsodium) {
  const std::vector<Case> cases = published_cases();
  ASSERT_EQ(cases.size(), 12U);
  for (const Case& one : cases) {
    EXPECT_EQ(we_verify(one), one.libsodium == 'V') << one.what;
    EXPECT_EQ(openssl_verifies(one), one.openssl == 'V') << one.what;
  }
}

TEST(Ed25519Verdicts, NothingIsTakenThatOpensslRefuses) {
  for (const Case& one : all_cases()) EXPECT_TRUE(!we_verify(one) || openssl_verifies(one)) << one.what;
}

// With a key that may be read at all, this alone is where the verdict is another than OpenSSL's.
TEST(Ed25519Verdicts, ASignatureWhoseRIsOfSmallOrderIsRefusedThoughOpensslTakesIt) {
  const Case made = with_neutral_r();
  EXPECT_TRUE(is_ed25519_key(made.key));
  EXPECT_TRUE(openssl_verifies(made));
  EXPECT_FALSE(we_verify(made));
  for (const Case& one : honest_and_flipped()) EXPECT_EQ(we_verify(one), openssl_verifies(one));
}

// Of the published cases all keys but the one of cases 7 and 8 have a part of small order.
TEST(Ed25519Verdicts, KeysWithAPartOfSmallOrderAreNoKeys) {
  const std::vector<Case> cases = published_cases();
  for (std::size_t i = 0; i < cases.size(); ++i)
    EXPECT_EQ(is_ed25519_key(cases[i].key), i == 6 || i == 7) << cases[i].what;
  EXPECT_FALSE(is_ed25519_key(std::string(32, '\0')));
  EXPECT_FALSE(is_ed25519_key(std::string(31, '\0')));
}

TEST(Ed25519Verdicts, OfAnotherLengthNothingIsGood) {
  const Case good = honest_and_flipped().front();
  ASSERT_TRUE(we_verify(good));
  EXPECT_FALSE(ed25519_verify(good.key, good.message, good.signature + "x"));
  EXPECT_FALSE(ed25519_verify(good.key, good.message, good.signature.substr(0, 63)));
  EXPECT_FALSE(ed25519_verify(good.key.substr(1), good.message, good.signature));
  EXPECT_FALSE(ed25519_verify({}, {}, {}));
}

TEST(Ed25519Verdicts, PynaclGivesTheSame) {
  std::string python;
  for (const std::string name : {"/usr/bin/python3", "python3"}) {
    const auto tried = run_process({name, "-c", "import nacl"}, {});
    if (python.empty() && tried && tried->exit_code == 0) python = name;
  }
  if (python.empty()) GTEST_SKIP() << "no PyNaCl: apt-get install python3-nacl";
  const std::vector<Case> cases = all_cases();
  EXPECT_EQ(verdicts_of({python, "-c", R"(import sys
from nacl.signing import VerifyKey
def verdict(m, k, s):
  try:
    VerifyKey(k).verify(m, s)
    return "V"
  except Exception:
    return "X"
print("".join(verdict(*map(bytes.fromhex, line.split())) for line in sys.stdin)))"},
                        cases),
            our_verdicts(cases));
}

// Node verifies with its own OpenSSL: what it refuses we refuse, and it takes what is published of OpenSSL.
TEST(Ed25519Verdicts, NodeTakesWhatIsPublishedOfOpenssl) {
  const auto there = run_process({"node", "--version"}, {});
  if (!there || there->exit_code != 0) GTEST_SKIP() << "no node: apt-get install nodejs";
  const std::vector<Case> cases = published_cases();
  std::string expected;
  for (const Case& one : cases) expected += one.openssl;
  EXPECT_EQ(verdicts_of({"node", "-e", R"(const crypto = require("crypto"), fs = require("fs");
const head = Buffer.from("302a300506032b6570032100", "hex");
const verdict = ([m, k, s]) => {
  const key = crypto.createPublicKey({ key: Buffer.concat([head, k]), format: "der", type: "spki" });
  return crypto.verify(null, m, key, s) ? "V" : "X";
};
const lines = fs.readFileSync(0, "utf8").trim().split("\n");
console.log(lines.map((line) => verdict(line.split(" ").map((hex) => Buffer.from(hex, "hex")))).join("")))"},
                        cases),
            expected);
}

}  // namespace
}  // namespace signalbox::evidence
