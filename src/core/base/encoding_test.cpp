#include "core/base/encoding.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>

using namespace signalbox;

namespace {

struct Vector {
  const char* octets;
  const char* text;
};

// RFC 4648 section 10.
constexpr Vector kBase64[] = {{"", ""},
                              {"f", "Zg=="},
                              {"fo", "Zm8="},
                              {"foo", "Zm9v"},
                              {"foob", "Zm9vYg=="},
                              {"fooba", "Zm9vYmE="},
                              {"foobar", "Zm9vYmFy"}};
constexpr Vector kBase16[] = {{"", ""}, {"f", "66"}, {"fo", "666f"}, {"foobar", "666f6f626172"}};

}  // namespace

TEST(Base64, IsAsThePublishedVectorsOfRfc4648) {
  for (const auto& [octets, text] : kBase64) {
    EXPECT_EQ(to_base64(octets), text);
    EXPECT_EQ(from_base64(text).value(), octets);
    EXPECT_EQ(from_base64_any(text).value(), octets);
  }
}

TEST(Base64, UrlSafeAlphabetIsReadOnlyWhereAskedFor) {
  EXPECT_EQ(to_base64url("\xfb\xff\xbf"), "-_-_");
  EXPECT_EQ(from_base64_any("-_-_").value(), "\xfb\xff\xbf");
  EXPECT_EQ(from_base64_any("Zg").value(), "f");
  EXPECT_FALSE(from_base64("-_-_"));
  EXPECT_FALSE(from_base64("Zg"));
}

TEST(Base64, OneOctetStringHasOneText) {
  for (const char* wrong :
       {"Zh==", "Zm9=", "Z===", "====", "Zg==\n", " Zg==", "Zg=Zg=", "Zm9vYg=", "A", "Zg==Zg=="}) {
    EXPECT_FALSE(from_base64(wrong)) << wrong;
    EXPECT_FALSE(from_base64_any(wrong)) << wrong;
  }
}

// EVP_EncodeBlock of OpenSSL, at every length and with every octet.
TEST(Base64, IsAsOpensslWritesItAndRefusesAnotherCharacterAnywhere) {
  std::string octets;
  for (int i = 0; i < 300; ++i) {
    std::string theirs(octets.size() / 3 * 4 + 5, '\0');
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(theirs.data()),
                                       reinterpret_cast<const unsigned char*>(octets.data()),
                                       static_cast<int>(octets.size()));
    theirs.resize(static_cast<std::size_t>(length));
    EXPECT_EQ(to_base64(octets), theirs);
    EXPECT_EQ(from_base64(theirs).value(), octets);
    octets += static_cast<char>(i * 151 + 7);
  }
  for (const std::string text : {"QUJDREVGR0g=", "QUJDREVGR0hJ", "QUJDREVGRw=="}) {
    for (std::size_t at = 0; at < text.size() - 2; ++at) {
      for (const char wrong : {'=', '*', '\0', '\x80', '\xff', '-'}) {
        std::string changed = text;
        changed[at] = wrong;
        EXPECT_FALSE(from_base64(changed)) << text << " at " << at;
      }
    }
  }
}

// The reserved characters of RFC 3986, 2.2, and what it calls unreserved in 2.3.
TEST(Percent, WhatIsNotUnreservedIsEncoded) {
  EXPECT_EQ(to_percent("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(to_percent(":/?#[]@!$&'()*+,;="), "%3A%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D");
  EXPECT_EQ(to_percent(std::string("% \0\xe2\x82\xac", 6)), "%25%20%00%E2%82%AC");
}

TEST(Percent, EveryOctetComesBack) {
  std::string octets;
  for (int value = 0; value < 256; ++value) octets += static_cast<char>(value);
  EXPECT_EQ(from_percent(to_percent(octets)), octets);
}

TEST(Percent, WhatIsNoOctetStaysAsItIs) {
  EXPECT_EQ(from_percent("a%20b%e2%82%AC+"), "a b\xe2\x82\xac+");
  for (const char* text : {"%", "%2", "100%", "%zz", "%2g", "%g2", "a%"}) EXPECT_EQ(from_percent(text), text);
  EXPECT_EQ(from_percent("%%41%"), "%A%");
}

TEST(Hex, LowerCaseDigitsAloneAreLowerHex) {
  EXPECT_TRUE(is_lower_hex("0123456789abcdef"));
  EXPECT_TRUE(is_lower_hex(""));
  for (const char* other : {"A", "0g", " 0", "0x1"}) EXPECT_FALSE(is_lower_hex(other)) << other;
}

TEST(Hex, IsAsThePublishedVectorsOfRfc4648) {
  for (const auto& [octets, text] : kBase16) {
    EXPECT_EQ(to_hex(std::string_view(octets)), text);
    EXPECT_EQ(from_hex(text).value(), octets);
  }
  EXPECT_EQ(from_hex("00fFAb").value(), std::string("\0\xff\xab", 3));
  for (const char* wrong : {"0", "0g", "0x", " 00", "00 "}) EXPECT_FALSE(from_hex(wrong)) << wrong;
}
