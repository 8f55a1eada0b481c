#include "instruments/profile/analysis/unnamed_files.hpp"

#include <gtest/gtest.h>

#include "instruments/profile/model/builder.hpp"

namespace signalbox::profile {
namespace {

TEST(UnnamedFiles, AreThoseWithABuildIdEachCountedOnceAStack) {
  ProfileBuilder builder({ValueType{"samples", "count"}});
  const auto file = [&](const char* path, const char* build_id) {
    Mapping out{};
    out.path = builder.string(path);
    out.build_id = builder.string(build_id);
    return builder.mapping(out);
  };
  const MappingId stripped = file("/usr/bin/stripped", "aabb0011");
  const MappingId named = file("/usr/bin/named", "ccdd2233");
  const MappingId memory = file("", "");
  const auto frame = [&](MappingId mapping, std::uint64_t address, const char* name) {
    Frame out{0, mapping, address, 0, 0, FrameKind::user};
    if (*name != '\0') out.function = builder.function(name);
    return builder.frame(out);
  };
  const StackId main = builder.stack(0, frame(named, 1, "main"));
  const StackId once = builder.stack(main, frame(stripped, 2, ""));
  const StackId twice = builder.stack(once, frame(stripped, 3, ""));
  const StackId jit = builder.stack(main, frame(memory, 4, ""));
  const auto add = [&](StackId stack, std::int64_t count) { builder.add({stack, 0}, {&count, 1}); };
  add(main, 50);
  add(once, 10);
  add(twice, 20);
  add(jit, 20);
  const std::vector<UnnamedFile> found = unnamed_files(std::move(builder).finish());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].path, "/usr/bin/stripped");
  EXPECT_EQ(found[0].build_id, "aabb0011");
  EXPECT_DOUBLE_EQ(found[0].share, 0.3);
}

TEST(UnnamedFiles, OfAnEmptyProfileAreNone) {
  EXPECT_TRUE(unnamed_files(Profile{}).empty());
}

}  // namespace
}  // namespace signalbox::profile
