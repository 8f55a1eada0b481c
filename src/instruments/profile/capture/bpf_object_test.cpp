#include "instruments/profile/capture/bpf_object.hpp"

#include <cerrno>

#include <gtest/gtest.h>

#include "instruments/profile/capture/proc.hpp"

namespace signalbox::profile {
namespace {

TEST(BpfObjects, WhatCannotBeReadIsToldInTheWordsOfLibbpf) {
  const auto none = BpfObject::open("no object file");
  ASSERT_FALSE(none);
  if (none.error().message == no_bpf_in_this_build().message || !numbers_are_the_kernels())
    GTEST_SKIP() << none.error().message;
  EXPECT_NE(none.error().message.find("reading the BPF program"), std::string::npos) << none.error().message;
  EXPECT_NE(none.error().message.find("(libbpf: "), std::string::npos) << none.error().message;
}

TEST(BpfObjects, ARefusalSaysWhichRightsHelp) {
  const Error refusal = bpf_refusal(EPERM, "loading it");
  EXPECT_EQ(refusal.kind, ErrorKind::denied);
  if (BpfObject::open("").error().message == no_bpf_in_this_build().message)
    GTEST_SKIP() << "no programs here";
  EXPECT_NE(refusal.hint.find("cap_bpf"), std::string::npos) << refusal.hint;
}

}  // namespace
}  // namespace signalbox::profile
