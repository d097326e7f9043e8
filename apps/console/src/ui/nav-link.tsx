'use client';

import Link from 'next/link';
import { type ComponentProps, useState } from 'react';

/**
 * A link among many that always stand there: its page is fetched ahead when one points at it or comes to it with Tab,
 * not with every page, where a score of them would compete with what was asked for.
 */
export function NavLink(props: Omit<ComponentProps<typeof Link>, 'prefetch'>) {
  const [isNear, setNear] = useState(false);
  const come = () => setNear(true);
  return <Link {...props} prefetch={isNear ? null : false} onPointerEnter={come} onFocus={come} />;
}
