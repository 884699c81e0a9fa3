export interface Bike {
  name: string;
  /** Euros. */
  price: number;
}

export const BIKES: Bike[] = [
  { name: 'Tourer', price: 2490 },
  { name: 'Cargo', price: 4190 },
];
