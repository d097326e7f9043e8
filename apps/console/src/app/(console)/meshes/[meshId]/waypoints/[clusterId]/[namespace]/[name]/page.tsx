import { WaypointPage } from '@/features/waypoints/waypoint-page.tsx';

export default async function Page(props: {
  params: Promise<{ clusterId: string; namespace: string; name: string }>;
}) {
  const { clusterId, namespace, name } = await props.params;
  return (
    <WaypointPage
      clusterId={clusterId}
      namespace={decodeURIComponent(namespace)}
      name={decodeURIComponent(name)}
    />
  );
}
