import { ServicePage } from '@/features/services/service-page.tsx';

export default async function Page(props: {
  params: Promise<{ namespace: string; name: string }>;
}) {
  const { namespace, name } = await props.params;
  return <ServicePage namespace={decodeURIComponent(namespace)} name={decodeURIComponent(name)} />;
}
