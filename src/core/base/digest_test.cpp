#include "core/base/digest.hpp"

#include <gtest/gtest.h>

using namespace signalbox;

// NIST, "Examples with intermediate values", SHA-256 (one block, two blocks), and FIPS 180-2 appendix B.3 (a
// million a).
TEST(Sha256, IsAsThePublishedVectorsOfNist) {
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, InPiecesIsTheSame) {
  Sha256Stream stream;
  for (int i = 0; i < 1000; ++i) stream.update(std::string(1000, 'a'));
  EXPECT_EQ(to_hex(stream.finish()), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, TextOfAnotherLengthIsRefused) {
  const Sha256 digest = sha256("abc");
  EXPECT_EQ(sha256_from_hex(to_hex(digest)).value(), digest);
  EXPECT_EQ(sha256_from_octets(as_octets(digest)).value(), digest);
  EXPECT_FALSE(sha256_from_hex(std::string(63, 'a')));
  EXPECT_FALSE(sha256_from_hex(std::string(64, 'g')));
  EXPECT_FALSE(sha256_from_octets(std::string(33, 'a')));
  EXPECT_TRUE(is_sha256(to_hex(digest)));
  for (const std::string& other : {std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'A')})
    EXPECT_FALSE(is_sha256(other)) << other;
}
