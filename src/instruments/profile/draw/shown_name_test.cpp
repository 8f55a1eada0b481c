#include "instruments/profile/draw/shown_name.hpp"

#include <string>

#include <gtest/gtest.h>

#include "core/base/text.hpp"
#include "core/report/escape.hpp"

namespace signalbox::profile {

TEST(ShortName, NamesAreAsAPersonReadsThem) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"main", "main"},
      {"foo(int)", "foo"},
      {"void std::__sort<long*>(long*, long*) [clone .isra.0]", "std::__sort<long*>"},
      {"std::map<std::string, std::vector<int> >::find(std::string const&) const", "std::map<…>::find"},
      {"foo(int)::{lambda(auto:1)#2}::operator()() const", "foo::{lambda#2}::operator()"},
      {"bool std::operator< <char>(A<char> const&, A<char> const&)", "std::operator< <char>"},
      {"std::ostream& operator<<(std::ostream&, B)", "operator<<"},
      {"operator new(unsigned long)", "operator new"},
      {"a::B::operator->()", "a::B::operator->"},
      {"a::B::operator[](unsigned long)", "a::B::operator[]"},
      {"(anonymous namespace)::Parser::next(char)", "(anon)::Parser::next"},
      {"std::function<void (int, std::string const&)>::operator()(int) const",
       "std::function<…>::operator()"},
      {"std::string[abi:cxx11]::size()", "std::string::size"},
      {"core::fmt::write::h0123456789abcdef", "core::fmt::write"},
      {"<alloc::vec::Vec<T> as core::iter::Extend<T>>::extend",
       "<alloc::vec::Vec<T> as core::iter::Extend<T>>::extend"},
      {"main.(*Server).Serve", "main.(*Server).Serve"},
      {"loop (spin.py:12)", "loop (spin.py:12)"},
      {"LazyCompile:*parse /srv/a.js:3", "LazyCompile:*parse /srv/a.js:3"},
      {"Ljava/util/HashMap;::get", "Ljava/util/HashMap;::get"},
      {"[smaller than 0.02 %]", "[smaller than 0.02 %]"},
      {"broken<int(", "broken<int("},
      {"", ""},
  };
  for (const auto& [name, expected] : cases) EXPECT_EQ(short_name(name), expected) << name;
}

TEST(FittedName, QualifiersGoFirstThenTheEnd) {
  EXPECT_EQ(fitted_name("clang::Sema::ActOnExpr", 22), "clang::Sema::ActOnExpr");
  EXPECT_EQ(fitted_name("clang::Sema::ActOnExpr", 21), "Sema::ActOnExpr");
  EXPECT_EQ(fitted_name("clang::Sema::ActOnExpr", 10), "ActOnExpr");
  EXPECT_EQ(fitted_name("clang::Sema::ActOnExpr", 5), "ActO…");
  EXPECT_EQ(fitted_name("clang::Sema::ActOnExpr", 4), "");
  EXPECT_EQ(fitted_name("llvm::ModuleInlinerWrapperPass::run", 18), "…rWrapperPass::run");
  EXPECT_EQ(fitted_name("llvm::ModuleInlinerWrapperPass::run", 10), "run");
  EXPECT_EQ(fitted_name("äöü", 3), "äöü");
  EXPECT_EQ(fitted_name("äöüßäö", 5), "äöüß…");
}

TEST(PlainText, WhatTurnsOrHidesTextIsShownByNumber) {
  EXPECT_EQ(plain_text("naïve → ok"), "naïve → ok");
  EXPECT_EQ(plain_text("a\u202eb\u2066c\u200bd"), "a\\u202eb\\u2066c\\u200bd");
  EXPECT_EQ(plain_text(std::string("nul\0tab\tend\x7f", 12)), "nul\\x00tab\\x09end\\x7f");
  EXPECT_EQ(plain_text("\xff\xfe broken \xc3"), "\\xff\\xfe broken \\xc3");
  EXPECT_EQ(plain_text("\uFFFE"), "\\ufffe");
}

TEST(PlainText, WhatIsTooLongSaysItsLength) {
  const std::string long_name(1 << 20, 'x');
  EXPECT_EQ(plain_text(long_name, 10), "xxxxxxxxxx… (1048576 octets in all)");
  // Not cut within a character.
  EXPECT_TRUE(is_utf8(plain_text("äääääääää", 5)));
}

TEST(EscapeMarkup, NothingIsMarkup) {
  EXPECT_EQ(report::escape_markup("<script>\"'&]]>"), "&lt;script&gt;&quot;&#39;&amp;]]&gt;");
}

}  // namespace signalbox::profile
