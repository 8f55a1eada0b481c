/* What the program that tells of resting threads and the profiler share: plain C, the same octets on both sides. */
#pragma once

#include <linux/types.h>

#define SB_THREAD_KERNEL_FRAMES 64

/* A thread of the process that was asked for. */
struct sb_thread {
  __u32 tid;
  __u32 on_cpu;      /* 1: it runs now, and its registers are old ones */
  __u64 switches;    /* how often it left a processor */
  __u64 ip;          /* of its user part: where it goes on when the kernel lets it */
  __u64 sp;
  __u64 fp;
  __s64 system_call; /* its number; negative: it is in none */
  __u32 has_user;    /* 0: a thread of the kernel, or a 32-bit one */
  __u32 kernel_frames;
  __u64 kernel[SB_THREAD_KERNEL_FRAMES]; /* leaf first */
};
