// Many signatures of one key: verdicts are libsodium's, and the table finds the good ones itself.
#include "core/evidence/ed25519_verifier.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sodium.h>

#include "core/base/encoding.hpp"
#include "core/base/file.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"
#include "core/evidence/ed25519.hpp"
#include "core/evidence/keys.hpp"

namespace signalbox::evidence {
namespace {

std::string flipped(std::string octets, std::size_t bit) {
  octets[bit / 8] = static_cast<char>(octets[bit / 8] ^ (1 << bit % 8));
  return octets;
}

TEST(Ed25519Table, FindsWhatIsSignedGood) {
  for (int key = 0; key < 20; ++key) {
    const SigningKey signer = SigningKey::generate("a");
    const Ed25519Table table(signer.public_key().octets);
    for (std::size_t length = 0; length < 300; length += 7) {
      const std::string message(length, static_cast<char>('a' + key));
      EXPECT_TRUE(table.holds(message, signer.sign(message)));
      EXPECT_FALSE(table.holds(message + "x", signer.sign(message)));
    }
  }
}

TEST(Ed25519Table, OneFlippedBitDoesNotHold) {
  const SigningKey signer = SigningKey::generate("a");
  const std::string message = "a message", signature = signer.sign(message);
  const Ed25519Table table(signer.public_key().octets);
  ASSERT_TRUE(table.holds(message, signature));
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit)
    EXPECT_FALSE(table.holds(message, flipped(signature, bit))) << bit;
  for (std::size_t bit = 0; bit < message.size() * 8; ++bit)
    EXPECT_FALSE(table.holds(flipped(message, bit), signature)) << bit;
  EXPECT_FALSE(table.holds(message, signature.substr(1)));
  EXPECT_FALSE(table.holds(message, ""));
}

// S and S + L fulfil the same equation; so do L and 0.
TEST(Ed25519Table, AnSOfTheOrderOrMoreDoesNotHold) {
  const SigningKey signer = SigningKey::generate("a");
  const std::string message = "a message", signature = signer.sign(message);
  const std::string order = *from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  std::string more = signature.substr(32);
  sodium_add(reinterpret_cast<unsigned char*>(more.data()),
             reinterpret_cast<const unsigned char*>(order.data()), order.size());
  EXPECT_FALSE(Ed25519Table(signer.public_key().octets).holds(message, signature.substr(0, 32) + more));
}

// The published cases whose keys are keys, and a table for what is none.
TEST(Ed25519Verifier, GivesTheVerdictsOfEd25519Verify) {
  const auto file = testing::source_directory() / "src/core/evidence/testdata/ed25519_edge_cases.tsv";
  const std::string text = read_file(file).value_or("");
  int cases = 0;
  for (const std::string_view line : lines(text)) {
    if (line.starts_with('#')) continue;
    const auto fields = split(line, '\t');
    const std::string message = *from_hex(fields.at(0)), key = *from_hex(fields.at(1)),
                      signature = *from_hex(fields.at(2));
    const Ed25519Verifier verifier(key);
    for (std::size_t i = 0; i < Ed25519Verifier::kSignaturesBeforeTable + 2; ++i)
      EXPECT_EQ(verifier.verify(message, signature), ed25519_verify(key, message, signature)) << cases;
    ++cases;
  }
  EXPECT_EQ(cases, 12);
  for (const std::string& none : {std::string(), std::string(31, 'a'), std::string(32, '\0')}) {
    const Ed25519Verifier verifier(none);
    for (std::size_t i = 0; i < Ed25519Verifier::kSignaturesBeforeTable + 2; ++i)
      EXPECT_FALSE(verifier.verify("a message", std::string(64, '\0')));
  }
}

// What only the holder of a key can make: R is the neutral element, S = k·a. The equation holds.
TEST(Ed25519Verifier, AnROfSmallOrderIsRefusedByTheTableToo) {
  std::string key(32, '\0'), r = "\x01" + std::string(31, '\0'), s(32, '\0');
  unsigned char secret[64], hash[64], k[32];
  crypto_sign_keypair(reinterpret_cast<unsigned char*>(key.data()), secret);
  unsigned char a[32], wide[64] = {};
  crypto_hash_sha512(hash, secret, 32);
  std::copy(hash, hash + 32, wide);
  wide[0] &= 248;
  wide[31] = static_cast<unsigned char>((wide[31] & 127) | 64);
  crypto_core_ed25519_scalar_reduce(a, wide);
  const std::string hashed = r + key + "a message";
  crypto_hash_sha512(hash, reinterpret_cast<const unsigned char*>(hashed.data()), hashed.size());
  crypto_core_ed25519_scalar_reduce(k, hash);
  crypto_core_ed25519_scalar_mul(reinterpret_cast<unsigned char*>(s.data()), k, a);
  EXPECT_FALSE(Ed25519Table(key).holds("a message", r + s));
  const Ed25519Verifier verifier(key);
  for (std::size_t i = 0; i < Ed25519Verifier::kSignaturesBeforeTable + 2; ++i)
    EXPECT_FALSE(verifier.verify("a message", r + s));
}

TEST(Ed25519Verifier, IsTheSameForThreadsThatAskAtOnce) {
  const SigningKey signer = SigningKey::generate("a");
  const std::string message = "a message", good = signer.sign(message), bad = flipped(good, 300);
  const Ed25519Verifier verifier(signer.public_key().octets);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < 2 * Ed25519Verifier::kSignaturesBeforeTable; ++i)
        wrong += (verifier.verify(message, good) ? 0 : 1) + (verifier.verify(message, bad) ? 1 : 0);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace signalbox::evidence
