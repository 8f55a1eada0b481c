// Merges the stacks of one profile or two into the nodes of a FlameTree.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "instruments/profile/draw/flame_tree.hpp"

namespace signalbox::profile {

class FlameBuilder {
 public:
  enum class Side : std::uint8_t { now, base };

  explicit FlameBuilder(const FlameOptions& options);

  // Adds a column of a profile, which must live until `finish`. Once for each side.
  void add(const Profile& profile, std::size_t value, Side side);
  // Frames, nodes and what was left out; the caller says what the picture is of.
  FlameTree finish() &&;

 private:
  static constexpr std::size_t kSides = 2;
  struct Amount {
    std::int64_t value = 0;
    std::int64_t samples = 0;
    void add(const Amount& more);
  };
  using Amounts = std::array<Amount, kSides>;
  struct Node {
    std::uint32_t parent = 0;
    std::uint32_t frame = 0;
    std::uint32_t depth = 0;
    Amounts self;
    Amounts total;
  };
  // A stack of one side that is not yet hung into the leaf-first tree; `stack` is what is left of it.
  struct Hanging {
    StackId stack = 0;
    Side side = Side::now;
    std::uint32_t frame = 0;  // merged number of its last frame
    Amount amount;
  };

  std::uint32_t frame_number(const FlameFrame& frame);
  std::uint32_t synthetic(std::string name);
  void merge_frames(const Profile& profile, Side side);
  std::vector<std::uint32_t> tops_of_threads(const Profile& profile);
  // Gives the node of each stack that something was measured on.
  std::vector<std::uint32_t> add_below(const Profile& profile, Side side, std::uint32_t top,
                                       const std::vector<Amount>& by_stack);
  void add_moments(const Profile& profile, std::size_t value, std::span<const std::size_t> samples,
                   const std::vector<std::uint32_t>& node_of);
  std::vector<FlameMoment> moments_in_order(const std::vector<bool>& kept,
                                            const std::vector<std::uint32_t>& drawn) const;
  std::uint32_t child(std::uint32_t parent, std::uint32_t frame);
  std::uint32_t callee(std::uint32_t parent, std::uint32_t frame);
  void hang(std::uint32_t node, std::size_t begin, std::size_t end);
  bool is_small(const Amounts& amounts) const;
  void put_pruned(std::uint32_t node, const Amounts& amounts);
  void sum_up();
  std::vector<bool> prune();
  std::vector<std::uint32_t> ranks_of_frames() const;
  FlameTree in_order(const std::vector<bool>& kept) const;
  void name_threads(const Profile& profile);

  FlameOptions options_;
  std::vector<FlameFrame> frames_;
  std::unordered_map<std::string, std::uint32_t> frame_numbers_;
  std::array<const Profile*, kSides> profiles_{};
  std::array<std::vector<std::uint32_t>, kSides> merged_;  // number in frames_ of each frame of a profile
  std::vector<Node> nodes_;
  std::unordered_map<std::uint64_t, std::uint32_t> children_;  // by parent and frame
  std::vector<Hanging> hanging_;
  std::vector<FlameMoment> moments_;  // `node` is a number in nodes_
  std::vector<std::string> threads_;
  std::size_t moments_left_out_ = 0;
  Amounts whole_;
  std::uint32_t pruned_frame_ = 0;
  std::uint32_t deeper_frame_ = 0;
  std::size_t frames_pruned_ = 0;
  std::size_t negative_samples_ = 0;
};

}  // namespace signalbox::profile
