/** Why an even number of etcd members is refused, in words. */

/** `2 masters: the quorum is 2, so 0 may fail, the same as with 1, and there is one more machine that can fail.` */
export function evenArithmetic(count: number, what: string): string {
  const quorum = count / 2 + 1;
  const tolerated = count - quorum;
  const lost = tolerated === 0 ? ': losing either one stops every write to the cluster' : '';
  return `${count} ${what}: the quorum is ${quorum}, so ${tolerated} may fail, the same as with ${count - 1}, and there is one more machine that can fail${lost}`;
}

export function manyMembers(count: number, what: string): string {
  return `${count} ${what}: etcd gets slower with each member, and 7 already survive the loss of 3.`;
}
