// The curve beside OpenSSL's big numbers and libsodium's points.
#include "core/evidence/edwards25519.hpp"

#include <algorithm>
#include <memory>
#include <random>

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <sodium.h>

#include "core/base/encoding.hpp"

namespace signalbox::evidence::edwards25519 {
namespace {

constexpr std::size_t kOctets = 32;

struct FreeNumber {
  void operator()(BIGNUM* number) const { BN_free(number); }
};
using Number = std::unique_ptr<BIGNUM, FreeNumber>;

struct FreeContext {
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
};

// Arithmetic modulo 2^255 - 19 by OpenSSL.
class Oracle {
 public:
  Oracle() : context_(BN_CTX_new()), p_(BN_new()) {
    BN_set_bit(p_.get(), 255);
    BN_sub_word(p_.get(), 19);
  }
  // `octets`: little-endian; the highest bit is left out.
  Number of(std::string octets) const {
    octets.back() = static_cast<char>(octets.back() & 0x7f);
    return Number(BN_lebin2bn(reinterpret_cast<const unsigned char*>(octets.data()),
                              static_cast<int>(octets.size()), nullptr));
  }
  template <class Operation>
  std::string result(Operation operation, const Number& a, const Number& b) const {
    const Number out(BN_new());
    EXPECT_EQ(operation(out.get(), a.get(), b.get(), p_.get(), context_.get()), 1);
    std::string octets(kOctets, '\0');
    EXPECT_EQ(BN_bn2lebinpad(out.get(), reinterpret_cast<unsigned char*>(octets.data()), kOctets), 32);
    return octets;
  }
  std::string inverse(const Number& a) const {
    const Number out(BN_mod_inverse(nullptr, a.get(), p_.get(), context_.get()));
    std::string octets(kOctets, '\0');
    if (out) BN_bn2lebinpad(out.get(), reinterpret_cast<unsigned char*>(octets.data()), kOctets);
    return octets;
  }

 private:
  std::unique_ptr<BN_CTX, FreeContext> context_;
  Number p_;
};

std::string random_octets(std::mt19937_64& random) {
  std::string out(kOctets, '\0');
  for (char& octet : out) octet = static_cast<char>(random());
  return out;
}

// Zero, one, and what lies about p, 2^255 and the borders of limbs; then any.
std::vector<std::string> elements(std::mt19937_64& random) {
  std::vector<std::string> out;
  for (const int lowest : {0x00, 0x01, 0x02, 0x12, 0x13, 0x14, 0xec, 0xed, 0xee, 0xff}) {
    for (const int rest : {0x00, 0xff}) {
      for (const int highest : {0x00, 0x7f}) {
        std::string one(kOctets, static_cast<char>(rest));
        one.front() = static_cast<char>(lowest);
        one.back() = static_cast<char>(highest);
        out.push_back(one);
      }
    }
  }
  for (const std::size_t bit : {50U, 51U, 52U, 101U, 102U, 103U, 152U, 153U, 203U, 204U, 254U}) {
    std::string one(kOctets, '\0');
    one[bit / 8] = static_cast<char>(1 << bit % 8);
    out.push_back(one);
  }
  for (int i = 0; i < 40; ++i) out.push_back(random_octets(random));
  return out;
}

TEST(Edwards25519, TheFieldIsThatOfOpensslsNumbers) {
  std::mt19937_64 random(1);
  const Oracle oracle;
  const std::vector<std::string> all = elements(random);
  for (const std::string& left : all) {
    const Field a = of_octets(left);
    const Number of_a = oracle.of(left);
    EXPECT_EQ(to_hex(octets_of(invert(a))), to_hex(oracle.inverse(of_a)));
    EXPECT_EQ(to_hex(octets_of(square(a))), to_hex(oracle.result(BN_mod_mul, of_a, of_a)));
    for (const std::string& right : all) {
      const Field b = of_octets(right);
      const Number of_b = oracle.of(right);
      EXPECT_EQ(to_hex(octets_of(add(a, b))), to_hex(oracle.result(BN_mod_add, of_a, of_b)));
      EXPECT_EQ(to_hex(octets_of(subtract(a, b))), to_hex(oracle.result(BN_mod_sub, of_a, of_b)));
      EXPECT_EQ(to_hex(octets_of(multiply(a, b))), to_hex(oracle.result(BN_mod_mul, of_a, of_b)));
    }
  }
}

// The largest limbs that the header lets into a product, in every place.
TEST(Edwards25519, ProductsOfTheLargestLimbsAreRight) {
  constexpr std::uint64_t kLargest = 12'738'103'345'051'545;  // 2^53.5
  const Oracle oracle;
  const auto number_of = [](const Field& field) {
    Number out(BN_new());
    for (std::size_t i = field.limb.size(); i-- > 0;) {
      BN_lshift(out.get(), out.get(), 51);
      BN_add_word(out.get(), field.limb[i]);
    }
    return out;
  };
  for (unsigned places = 0; places < 1U << 10U; ++places) {
    Field a{}, b{};
    for (std::size_t i = 0; i < 5; ++i) {
      a.limb[i] = (places >> i & 1) != 0 ? kLargest : 0;
      b.limb[i] = (places >> (i + 5) & 1) != 0 ? kLargest : 0;
    }
    EXPECT_EQ(to_hex(octets_of(multiply(a, b))),
              to_hex(oracle.result(BN_mod_mul, number_of(a), number_of(b))));
  }
}

// The order of the group, little-endian.
std::string order() {
  return *from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
}

std::string scalar_below(std::string octets) {
  octets.back() = static_cast<char>(octets.back() & 0x1f);
  return octets;
}

std::string by_sodium(const std::string& scalar) {
  std::string out(kOctets, '\0');
  crypto_scalarmult_ed25519_base_noclamp(reinterpret_cast<unsigned char*>(out.data()),
                                         reinterpret_cast<const unsigned char*>(scalar.data()));
  return out;
}

TEST(Edwards25519, MultiplesOfTheBaseAreLibsodiums) {
  std::mt19937_64 random(2);
  const Multiples multiples(base());
  std::vector<std::string> scalars;
  for (const int octet : {0x01, 0x7f, 0x80, 0x81, 0xff}) {
    scalars.push_back(scalar_below(std::string(kOctets, static_cast<char>(octet))));
    for (std::size_t at = 0; at < kOctets - 1; ++at) {
      scalars.emplace_back(kOctets, '\0');
      scalars.back()[at] = static_cast<char>(octet);
    }
  }
  for (int i = 0; i < 500; ++i) scalars.push_back(scalar_below(random_octets(random)));
  for (const std::string& scalar : scalars)
    EXPECT_EQ(to_hex(octets_of(multiples.add_to(neutral(), scalar))), to_hex(by_sodium(scalar)))
        << to_hex(scalar);
  EXPECT_TRUE(is_neutral(multiples.add_to(neutral(), order())));
  EXPECT_TRUE(is_neutral(multiples.add_to(neutral(), std::string(kOctets, '\0'))));
}

// Sums that meet the neutral element, a point with itself and with its negative.
TEST(Edwards25519, SumsAreLibsodiums) {
  std::mt19937_64 random(3);
  const Multiples multiples(base());
  for (int i = 0; i < 100; ++i) {
    const Point a = multiples.add_to(neutral(), scalar_below(random_octets(random)));
    const Point b = multiples.add_to(neutral(), scalar_below(random_octets(random)));
    std::string sum(kOctets, '\0');
    const std::string left = octets_of(a), right = octets_of(b);
    ASSERT_EQ(crypto_core_ed25519_add(reinterpret_cast<unsigned char*>(sum.data()),
                                      reinterpret_cast<const unsigned char*>(left.data()),
                                      reinterpret_cast<const unsigned char*>(right.data())),
              0);
    EXPECT_EQ(to_hex(octets_of(add(a, b))), to_hex(sum));
    EXPECT_EQ(octets_of(add(a, a)), octets_of(double_of(a)));
    EXPECT_EQ(octets_of(add(a, neutral())), left);
    EXPECT_TRUE(is_neutral(add(a, negate(a))));
    EXPECT_TRUE(is_neutral(add(negate(a), a)));
    EXPECT_FALSE(is_neutral(a));
  }
}

// Half of all octets are no point; and a point has one spelling.
TEST(Edwards25519, OctetsArePointsWhereLibsodiumSaysSo) {
  std::mt19937_64 random(4);
  int points = 0;
  for (int i = 0; i < 400; ++i) {
    const std::string octets = random_octets(random);
    const auto point = point_of(octets);
    if (!point) continue;
    ++points;
    EXPECT_EQ(octets_of(*point), octets);
    // libsodium takes points of the subgroup alone: eight times any point is one.
    const std::string in_subgroup = octets_of(double_of(double_of(double_of(*point))));
    EXPECT_EQ(crypto_core_ed25519_is_valid_point(reinterpret_cast<const unsigned char*>(in_subgroup.data())),
              1);
  }
  EXPECT_GT(points, 150);
  EXPECT_LT(points, 250);
  EXPECT_EQ(to_hex(octets_of(base())), "58" + std::string(62, '6'));
  EXPECT_FALSE(point_of(std::string(31, '\0')));
  std::string one(kOctets, '\0');
  one.front() = 1;
  EXPECT_TRUE(point_of(one));
  one.back() = static_cast<char>(0x80);  // x is 0, and 0 is not odd
  EXPECT_FALSE(point_of(one));
  std::string above(kOctets, '\xff');  // y is 2^255 - 1 - 18 + 1 = p + 1
  above.front() = '\xee';
  above.back() = '\x7f';
  EXPECT_FALSE(point_of(above));
}

}  // namespace
}  // namespace signalbox::evidence::edwards25519
