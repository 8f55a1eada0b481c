#include "instruments/profile/analysis/function_identity.hpp"

#include <gtest/gtest.h>

#include "instruments/profile/analysis/fixture.hpp"

namespace signalbox::profile {
namespace {

TEST(StableName, HasNoEndingsOfClones) {
  const auto native = [](std::string_view name) { return stable_name(name, Naming::native); };
  EXPECT_EQ(native("sort.cold"), "sort");
  EXPECT_EQ(native("sort.cold.12"), "sort");
  EXPECT_EQ(native("sort.isra.0.cold"), "sort");
  EXPECT_EQ(native("sort.constprop.0.isra.3"), "sort");
  EXPECT_EQ(native("tcp_v4_rcv.part.7"), "tcp_v4_rcv");
  EXPECT_EQ(native("buffer.lto_priv.2"), "buffer");
  EXPECT_EQ(native("f.llvm.9876543210"), "f");
  EXPECT_EQ(native("json::parse(std::string const&) [clone .isra.0]"), "json::parse(std::string const&)");
  EXPECT_EQ(native("run(int) [clone .part.0] [clone .cold]"), "run(int)");
}

TEST(StableName, HasNoHashesOfRust) {
  const auto native = [](std::string_view name) { return stable_name(name, Naming::native); };
  EXPECT_EQ(native("core::fmt::write::h0123456789abcdef"), "core::fmt::write");
  EXPECT_EQ(native("core::fmt::write::h0123456789abcdef.llvm.77"), "core::fmt::write");
  EXPECT_EQ(native("sort[846817f741e54dfd].cold"), "sort");
  EXPECT_EQ(native("<core[846817f741e54dfd]::fmt::Formatter>::pad"), "<core::fmt::Formatter>::pad");
}

TEST(StableName, KeepsWhatOnlyLooksLikeOne) {
  const auto native = [](std::string_view name) { return stable_name(name, Naming::native); };
  EXPECT_EQ(native("Oven::hot"), "Oven::hot");
  EXPECT_EQ(native("version.2"), "version.2");
  EXPECT_EQ(native("heat::h0123456789abcdeg"), "heat::h0123456789abcdeg");
  EXPECT_EQ(native("row(int [16])"), "row(int [16])");
  EXPECT_EQ(native(".cold"), ".cold");
  EXPECT_EQ(native(""), "");
  EXPECT_EQ(native("::h0123456789abcdef"), "::h0123456789abcdef");
  EXPECT_EQ(stable_name("main.cold", Naming::managed), "main.cold");
}

TEST(Identity, IsNameAndModuleWhereverTheFileLies) {
  fixture::StackWriter writer;
  writer.add("main@/opt/v1/app;read@/lib/libc.so.6", 1);
  fixture::StackWriter other;
  other.add("read@/usr/lib/libc.so.6;main@/opt/v2/app (deleted);read@/opt/v2/app", 1);
  const Profile first = writer.finish();
  const Profile second = other.finish();
  IdentityTable table(Modules::told_apart);
  const auto of_first = table.add(first);
  const auto of_second = table.add(second);
  EXPECT_EQ(of_first[1], of_second[2]) << "main";
  EXPECT_EQ(of_first[2], of_second[1]) << "read of the C library";
  EXPECT_NE(of_second[1], of_second[3]) << "another read";
  EXPECT_EQ(table[of_first[1]].module, "app");

  IdentityTable without(Modules::ignored);
  const auto ignored = without.add(second);
  EXPECT_EQ(ignored[1], ignored[3]);
}

TEST(Identity, CodeWithoutNamesIsItsModule) {
  ProfileBuilder builder({ValueType{"samples", "count"}});
  const MappingId zlib = builder.mapping({0x1000, 0x2000, 0, builder.string("/lib/libz.so.1"), {}});
  const MappingId kernel = builder.mapping({0, 0, 0, builder.string("[kernel.kallsyms]"), {}});
  const FrameId one = builder.frame({0, zlib, 0x1010});
  const FrameId two = builder.frame({0, zlib, 0x1020});
  const FrameId three = builder.frame({0, kernel, 0x10});
  const FrameId nowhere = builder.frame({0, 0, 0xdead});
  const FrameId lost = builder.synthetic("[lost]");
  const Profile profile = std::move(builder).finish();
  IdentityTable table(Modules::told_apart);
  const auto ids = table.add(profile);
  EXPECT_EQ(ids[one], ids[two]);
  EXPECT_EQ(table[ids[one]].name, "[libz.so.1]");
  EXPECT_EQ(table[ids[three]].name, "[kernel.kallsyms]");
  EXPECT_EQ(ids[nowhere], kUnknownFunction);
  EXPECT_TRUE(table[ids[lost]].is_synthetic);
}

}  // namespace
}  // namespace signalbox::profile
